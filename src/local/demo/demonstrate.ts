import { readdir } from 'node:fs/promises';
import { demoSteps } from './steps.ts';
import { type Child, exportsOf, startTsx } from './child.ts';

/** Packer asks every second, not every 15, how far a machine is: here that costs nothing. */
const patience = { AWS_POLL_DELAY_SECONDS: '1', AWS_MAX_ATTEMPTS: '600' };

const whereItIs = `
Done. What there is to see:
  packs/            the Packer template of each node
  reports/<node>/   packer.log, bake.json, puppet-report.yaml, puppet-console.log, junit.xml
  reports/cleanup.json
The images are still there: npm run local-cloud serves them to any AWS tool.
`;

/**
 * Starts the local cloud, runs the stages against it as child processes, and stops it again in every outcome.
 * Answers the exit code: the first that a stage ended with other than 0, or 130/143 after a signal.
 */
export async function demonstrate(nodes: readonly string[], stateArgs: readonly string[]): Promise<number> {
  const cloud = startTsx(['src/local/local-cloud.ts', '--port', '0', ...stateArgs], {
    stdout: 'pipe',
    // Ctrl-C at a terminal must not reach it: a stage that is interrupted still needs it to clean up.
    detached: true,
  });
  const running: { stage?: Child; signal?: NodeJS.Signals } = {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      running.signal = signal;
      (running.stage ?? cloud).process.kill(signal);
    });
  }
  const exports = await exportsOf(cloud);
  if (exports === undefined) return cloud.ended;
  try {
    const code = await runStages(nodes, { ...exports, ...patience }, running);
    if (code === 0) process.stderr.write(whereItIs);
    return code;
  } finally {
    cloud.process.kill('SIGTERM');
    await cloud.ended;
  }
}

async function runStages(
  nodes: readonly string[],
  env: Record<string, string>,
  running: { stage?: Child; signal?: NodeJS.Signals },
): Promise<number> {
  let again = nodes[0];
  for (let next = 0; ; next += 1) {
    const step = demoSteps(nodes, again ?? 'the first node')[next];
    if (step === undefined) return 0;
    process.stderr.write(`\n# ${step.why}\n$ npx tsx src/${step.stage}.ts ${step.args.join(' ')}\n`);
    running.stage = startTsx([`src/${step.stage}.ts`, ...step.args], { env, stdout: 'inherit' });
    const code = await running.stage.ended;
    if (running.signal !== undefined) return running.signal === 'SIGINT' ? 130 : 143;
    if (code !== 0) {
      process.stderr.write(
        `\nnpm start: ${step.stage} ended with exit code ${code}; what it left is in reports/\n`,
      );
      return code;
    }
    again ??= await firstPack();
  }
}

/** The first node that generate has written a pack for. */
async function firstPack(): Promise<string | undefined> {
  const packs = (await readdir('packs')).filter((name) => /^[a-z0-9-]+\.json$/.test(name)).sort();
  return packs[0]?.replace(/\.json$/, '');
}
