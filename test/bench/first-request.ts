import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a process took up to a moment, ms; CPU of all its threads. */
export interface Took {
  wallMs: number;
  cpuMs: number;
}

/**
 * Runs a command until it sends its first request to AWS, which gets no answer: it is killed there, so that only a
 * look-up may be what it begins with.
 * @throws when it ends without having asked anything
 */
export async function toFirstRequest(
  [program = '', ...args]: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Took> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const account = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
  };
  const startMs = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env, ...account },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'exit');
  const asked = once(server, 'request').then(() => ({
    wallMs: performance.now() - startMs,
    cpuMs: cpuOf(child.pid ?? 0),
  }));
  const took = await Promise.race([asked, ended.then(() => undefined)]);
  child.kill('SIGKILL');
  await ended;
  server.closeAllConnections();
  server.close();
  if (took === undefined) throw new Error(`${args.join(' ')} ended without a request: ${said}`);
  return took;
}

/** User and system time of a process that runs, ms: fields 14 and 15 of its stat, in hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
