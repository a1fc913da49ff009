import type { ChildProcess } from 'node:child_process';
import { help, readFlags } from './start-up/flags.ts';
import { startOnCloud } from './start-up/program.ts';
import { runLocalCloud } from './start-up/run.ts';
import { LocalCloudError } from './local-cloud-error.ts';

const say = (line: string) => void process.stderr.write(`local-cloud: ${line}\n`);
const stop = new AbortController();
/** The program on the cloud, if there is one: it ends first, while the cloud still serves. */
let program: ChildProcess | undefined;
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (program !== undefined) {
      program.kill(signal);
      return;
    }
    process.exitCode ??= codes[signal];
    stop.abort();
  });
}
// Where the terminal is gone there is still a computer to clean up.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
try {
  // The package's program is called as `bakehouse local-cloud --port 0`; no flag of ours is a word.
  const argv = process.argv.slice(process.argv[2] === 'local-cloud' ? 3 : 2);
  const { help: asked, program: command, ...flags } = readFlags(argv, process.env);
  if (asked) process.stdout.write(help);
  else {
    await runLocalCloud({
      ...flags,
      cache: process.env.BAKEHOUSE_CACHE ?? '/var/cache/bakehouse',
      say,
      signal: stop.signal,
      ready: (exports) => {
        if (command.length > 0) {
          // Not its arguments: one may be a secret.
          say(`serves at ${exports.AWS_ENDPOINT_URL} until ${command[0] ?? ''} ends`);
          program = startOnCloud(command, exports, (code) => {
            process.exitCode = code;
            stop.abort();
          });
          return;
        }
        const lines = Object.entries(exports).map(([name, value]) => `export ${name}=${value}\n`);
        process.stdout.write(lines.join(''));
      },
    });
  }
} catch (error) {
  const known = error instanceof LocalCloudError;
  const { message, stack } = error as Error;
  say(known ? message : (stack ?? message));
  process.exitCode = known ? error.exitCode : 1;
}
