import { isWanted, serviceProblems } from './judge-image.ts';
import type { LookWorld, Server } from './look-at-server.ts';
import { type MachineFacts, type ManagedService, parseFacts, type UnitState } from './machine-facts.ts';

/** A service that ends within this time of the first look is seen; what is tried in between usually takes longer. */
const watchMs = 10_000;
/** One that systemd has started again, or that is not up, is watched for so long besides. */
const calmMs = 30_000;
const probeMs = 60_000;
/** How long a server may refuse us that has let us in before. */
const patienceMs = 30_000;

/** What speaks against a service, by its name; or why a server did not say. */
export type Watched = ReadonlyMap<string, string[]> | { failure: string };

/**
 * Looks at the services of a server once more, so that one that ends and is started again for ever is not taken for one
 * that runs. One that had to be started again while the server booted, and then stays up, is good.
 */
export async function watchServices(
  server: Server & { facts: MachineFacts },
  expected: readonly ManagedService[],
  lookedMs: number,
  signal: AbortSignal,
  world: LookWorld,
): Promise<Watched> {
  const { services } = server.facts;
  const wanted = expected.filter((one) => isWanted(one) && serviceProblems(one, services).length === 0);
  if (wanted.length === 0) return new Map();
  await wait(lookedMs + watchMs, signal, world);
  const second = await again(server, wanted, signal, world);
  if ('failure' in second) return second;
  if (wanted.every((service) => isCalm(service, second))) return problems(wanted, second, second);
  await wait(world.now() + calmMs, signal, world);
  const third = await again(server, wanted, signal, world);
  return 'failure' in third ? third : problems(wanted, second, third);
}

function isCalm(service: ManagedService, found: readonly UnitState[]): boolean {
  return restartsOf(service, found) === 0 && serviceProblems(service, found).length === 0;
}

function problems(
  wanted: readonly ManagedService[],
  before: readonly UnitState[],
  after: readonly UnitState[],
): Map<string, string[]> {
  return new Map(
    wanted.map((service) => {
      const more = restartsOf(service, after) - restartsOf(service, before);
      if (more <= 0) return [service.name, serviceProblems(service, after)];
      const often = more === 1 ? 'once' : `${more} times`;
      const problem = `${service.name} does not stay up: systemd started it again ${often} in ${calmMs / 1000} s`;
      return [service.name, [problem]];
    }),
  );
}

function restartsOf({ name }: ManagedService, found: readonly UnitState[]): number {
  return found.find((unit) => unit.name === name)?.restarts ?? 0;
}

async function again(
  { id, machine }: Server,
  wanted: readonly ManagedService[],
  signal: AbortSignal,
  world: LookWorld,
): Promise<UnitState[] | { failure: string }> {
  const names = Buffer.from(wanted.map(({ name }) => `${name}\n`).join('')).toString('base64');
  for (const deadline = world.now() + patienceMs; ;) {
    const end = await machine.run(world.probe, [names, 'again'], probeMs);
    const facts = end.exitCode === 0 ? parseFacts(end.stdout) : undefined;
    if (facts !== undefined) return facts.services;
    if (signal.aborted || world.now() >= deadline) {
      const said = end.stderr.trim().split('\n').at(-1) ?? '';
      return { failure: `${id} let us in once, but not again: ${said || 'its answer is cut off'}` };
    }
    await world.pause(1_000);
  }
}

/** In steps, so that an interrupt need not wait for its end. */
async function wait(untilMs: number, signal: AbortSignal, world: LookWorld): Promise<void> {
  while (!signal.aborted && world.now() < untilMs) await world.pause(1_000);
}
