import type { Check } from '../../nodes/check.ts';
import type { ImageCase } from './judge-image.ts';
import { checkCommand, checkName, checkProblem, parseOutcome } from './judge-check.ts';
import type { Machine } from './machine.ts';

/** A command may not take longer; another try begins when it does, as long as the check has time. */
const tryMs = 60_000;

/** What running checks needs of the world. */
export interface CheckWorld {
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
  /** The text of check.sh. */
  script: string;
}

/** Runs a node's checks on a server, each until it holds or its time is over; a case for each. */
export async function runChecks(
  checks: readonly Check[],
  machine: Machine,
  signal: AbortSignal,
  world: CheckWorld,
): Promise<ImageCase[]> {
  const cases: ImageCase[] = [];
  for (const check of checks) {
    const problem = await problemOf(check, machine, signal, world);
    cases.push({ name: checkName(check), group: 'Check', problems: problem === undefined ? [] : [problem] });
  }
  return cases;
}

async function problemOf(
  check: Check,
  machine: Machine,
  signal: AbortSignal,
  world: CheckWorld,
): Promise<string | undefined> {
  const deadline = world.now() + check.withinMs;
  for (;;) {
    const problem = await oneTry(check, machine, Math.max(1_000, deadline - world.now()), world);
    if (problem === undefined) return undefined;
    if (signal.aborted) return 'interrupted';
    if (world.now() + 1_000 >= deadline) return `${problem} (tried for ${check.withinMs / 1_000} s)`;
    await world.pause(1_000);
  }
}

async function oneTry(
  check: Check,
  machine: Machine,
  leftMs: number,
  world: CheckWorld,
): Promise<string | undefined> {
  const limitMs = Math.min(leftMs, tryMs);
  const { command, argument } = checkCommand(check);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const args = [base64(command), base64(argument), String(Math.ceil(limitMs / 1_000))];
  const end = await machine.run(world.script, args, limitMs + 10_000);
  const outcome = end.exitCode === 0 ? parseOutcome(end.stdout) : undefined;
  if (outcome !== undefined) return checkProblem(check, outcome);
  const said = end.stderr.trim().split('\n').at(-1) ?? '';
  return `it could not be tried: ${said === '' ? 'its answer is cut off' : said}`;
}
