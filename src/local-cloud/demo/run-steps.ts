import { constants } from 'node:os';
import type { PuppetServer } from './puppet-server.ts';
import type { StageStep, Step } from './steps.ts';

/** What running the steps needs from outside. */
export interface StepDeps {
  /** Starts a stage; answers its exit code. */
  start: (
    stage: string,
    args: readonly string[],
    options: { env?: Record<string, string>; hosts?: string },
  ) => Promise<number>;
  /** The signal that asked for the end. */
  interrupted: () => NodeJS.Signals | undefined;
  /** The nodes that there are, once the first stage has run. */
  known: () => Promise<string[]>;
  /** Changes one line of the environment for a node. */
  change: (node: string) => { file: string; line: string };
  say: (line: string) => void;
  server: Pick<PuppetServer, 'start' | 'stop' | 'secret' | 'hosts'> | undefined;
}

/** Runs the steps in sequence, up to the first that fails; answers the exit code, 129/130/143 after a signal. */
export async function runSteps(
  stepsOf: (known: readonly string[]) => readonly Step[],
  deps: StepDeps,
): Promise<number> {
  let steps = stepsOf([]);
  for (let next = 0; next < steps.length; next += 1) {
    const step = steps[next];
    if (step === undefined) break;
    deps.say(`\n# ${step.why}`);
    const code = await runStep(step, deps);
    const signal = deps.interrupted();
    if (signal !== undefined) return 128 + constants.signals[signal];
    if (code !== 0) return code;
    if (next === 0) steps = stepsOf(await deps.known());
  }
  return 0;
}

function runStep(step: Step, deps: StepDeps): Promise<number> | number {
  if ('stage' in step) return runStage(step, deps);
  if ('server' in step) return runServer(step.server, deps);
  const { file, line } = deps.change(step.change);
  deps.say(`  ${file}: + ${line}`);
  return 0;
}

async function runStage(
  { stage, args, withServer }: StageStep,
  { server, say, start }: StepDeps,
): Promise<number> {
  say(`$ node --import tsx src/${stage}.ts ${args.join(' ')}`);
  const known =
    withServer === undefined || server === undefined
      ? {}
      : { env: { BAKEHOUSE_AUTOSIGN_SECRET: server.secret }, hosts: server.hosts };
  const code = await start(stage, args, known);
  if (code !== 0) say(`\nnpm start: ${stage} ended with exit code ${code}; see reports/`);
  return code;
}

async function runServer(what: 'start' | 'stop', { server, interrupted }: StepDeps): Promise<number> {
  try {
    await server?.[what]();
  } catch (error) {
    // An interrupted start throws: that it was interrupted says all.
    if (interrupted() === undefined) throw error;
  }
  return 0;
}
