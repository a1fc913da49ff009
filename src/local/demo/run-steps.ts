import { constants } from 'node:os';
import type { PuppetServer } from './puppet-server.ts';
import type { StageStep, Step } from './steps.ts';

/** What running the steps needs of the world. */
export interface StepWorld {
  /** Starts a program of this project; answers its exit code. */
  start: (
    args: readonly string[],
    options: { env?: Record<string, string>; hosts?: string },
  ) => Promise<number>;
  /** The signal that asked for the end. */
  interrupted: () => NodeJS.Signals | undefined;
  /** The nodes that there are packs for, once generate has run. */
  packed: () => Promise<string[]>;
  say: (line: string) => void;
  server: Pick<PuppetServer, 'start' | 'stop' | 'secret' | 'hosts'> | undefined;
}

/** Runs the steps in their order up to the first that fails; answers the exit code, 129/130/143 after a signal. */
export async function runSteps(
  stepsOf: (packed: readonly string[]) => readonly Step[],
  world: StepWorld,
): Promise<number> {
  let steps = stepsOf([]);
  for (let next = 0; next < steps.length; next += 1) {
    const step = steps[next];
    if (step === undefined) break;
    world.say(`\n# ${step.why}`);
    const code = 'stage' in step ? await runStage(step, world) : await runServer(step.server, world);
    const signal = world.interrupted();
    if (signal !== undefined) return 128 + constants.signals[signal];
    if (code !== 0) return code;
    if (next === 0) steps = stepsOf(await world.packed());
  }
  return 0;
}

async function runStage(
  { stage, args, withServer }: StageStep,
  { server, say, start }: StepWorld,
): Promise<number> {
  say(`$ npx tsx src/${stage}.ts ${args.join(' ')}`);
  const known =
    withServer === undefined || server === undefined
      ? {}
      : { env: { BAKEHOUSE_AUTOSIGN_SECRET: server.secret }, hosts: server.hosts };
  const code = await start([`src/${stage}.ts`, ...args], known);
  if (code !== 0) say(`\nnpm start: ${stage} ended with exit code ${code}; what it left is in reports/`);
  return code;
}

async function runServer(what: 'start' | 'stop', { server, interrupted }: StepWorld): Promise<number> {
  try {
    await server?.[what]();
  } catch (error) {
    // An interrupted start throws: that it was interrupted says all.
    if (interrupted() === undefined) throw error;
  }
  return 0;
}
