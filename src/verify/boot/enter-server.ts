import { CloudError } from '../../aws/ec2-failure.ts';
import { durationText } from '../../lib/printable.ts';
import type { Node } from '../../nodes/node.ts';
import { isWanted, serviceProblems } from './judge-image.ts';
import type { ImageServers } from './launch-servers.ts';
import {
  type BuilderFacts,
  type ManagedService,
  parseFacts,
  type ServerFacts,
  type UnitState,
} from './server-facts.ts';
import type { Login, SshSession } from './ssh-session.ts';

/** probe.sh waits up to two minutes for systemd. */
const firstProbeMs = 180_000;
const probeMs = 60_000;
/** A service that ends within this time of the first probe is seen; the trials in between usually take longer. */
const watchMs = 10_000;
/** A service that systemd has restarted, or that is not up, is watched for this time as well. */
const calmMs = 30_000;
/** How long a server that boots may refuse our key: cloud-init may write it when sshd runs already. */
const refusedMs = 180_000;
/** How long a server may refuse us that has let us in before. */
const patienceMs = 30_000;

/** Time, as an examination measures and spends it. */
export interface Clock {
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
}

/** What it takes to enter a server. */
export interface EntryDeps {
  servers: ImageServers;
  ssh: (login: Login) => SshSession;
  clock: Clock;
  /** The text of probe.sh. */
  probe: string;
}

/** How the servers of an image are entered. */
export interface ServerEntry {
  node: Node;
  sshUser: string;
  builder: BuilderFacts;
  /** How long a server may take until ssh answers. */
  bootMs: number;
  /** Aborted: the servers are terminated, and nothing is known of the image. */
  signal: AbortSignal;
}

/** A server that has let us in, with what the probe found. */
export interface Entered {
  id: string;
  session: SshSession;
  facts: ServerFacts;
}

/** Waits until a server of the image lets us in, for a bounded time, and runs the probe on it. */
export async function enterServer(
  id: string,
  keyFile: string,
  entry: ServerEntry,
  deps: EntryDeps,
): Promise<Entered | { failure: string }> {
  const { node, signal, builder, sshUser, bootMs } = entry;
  const { servers, clock } = deps;
  const port = typeof node.packer.ssh_port === 'number' ? node.packer.ssh_port : 22;
  const overPrivate = node.packer.ssh_interface === 'private_ip';
  const services = serviceWord(builder.services ?? []);
  const deadline = clock.now() + bootMs;
  let why = 'EC2 does not list it';
  let refusedSince: number | undefined;
  while (!signal.aborted && clock.now() < deadline) {
    const server = await servers.describe(id, overPrivate);
    if (server?.state === 'terminated' || server?.state === 'stopped') {
      if (!isOwnEnd(server.reason))
        throw new CloudError('server', `EC2 ended ${id}: ${server.reason ?? ''}: try again later`, undefined);
      return withConsole(`${id} is ${server.state}: it ended by itself`, id, servers);
    }
    if (server !== undefined) why = `it is ${server.state}`;
    if (server?.state === 'running' && server.address !== undefined) {
      const session = deps.ssh({ host: server.address, user: sshUser, port, keyFile });
      const end = await session.run(deps.probe, [services], firstProbeMs);
      const facts = end.exitCode === 0 ? parseFacts(end.stdout) : undefined;
      if (facts !== undefined) return { facts, id, session };
      const said = lastLine(end.stderr);
      why = `ssh: ${said}`;
      // 255: sshd does not run yet, or refuses us for the moment.
      if (end.exitCode !== 255)
        return { failure: `${id} could not be examined: ${said || 'its answer is cut off'}` };
      refusedSince = said.includes('Permission denied') ? (refusedSince ?? clock.now()) : undefined;
      if (refusedSince !== undefined && clock.now() - refusedSince >= refusedMs)
        return {
          failure: `${id} answers, but its sshd has refused ${sshUser} for ${durationText(refusedMs)} (AllowUsers, AuthorizedKeysFile, no such user?): ${said}`,
        };
    }
    await clock.pause(1_000);
  }
  if (signal.aborted) return { failure: `${id}: interrupted` };
  return withConsole(`${id} did not let us in within ${bootMs / 1000} s (${why})`, id, servers);
}

/** Every other reason is EC2's, the account's or a person's: a quota of volumes, a key of KMS, no capacity. */
function isOwnEnd(reason: string | undefined): boolean {
  return reason === undefined || reason === '' || reason === 'Client.InstanceInitiatedShutdown';
}

async function withConsole(text: string, id: string, servers: ImageServers): Promise<{ failure: string }> {
  const tail = await servers
    .consoleTail(id)
    .catch((error: unknown) => `(not available: ${(error as Error).message})`);
  return { failure: tail.trim() === '' ? text : `${text}; its console ends with:\n${tail}` };
}

/** What speaks against a service, by its name; or why a server did not say. */
export type Watched = ReadonlyMap<string, string[]> | { failure: string };

/**
 * Probes the services of a server again, so that one that ends and is restarted for ever does not pass. A service that
 * systemd restarted while the server booted, and that then stays up, passes.
 * @param enteredMs when the first probe was done
 */
export async function watchServices(
  server: Entered,
  enteredMs: number,
  { builder, signal }: Pick<ServerEntry, 'builder' | 'signal'>,
  deps: EntryDeps,
): Promise<Watched> {
  const { services: found } = server.facts;
  const managed = builder.services ?? [];
  const wanted = managed.filter((one) => isWanted(one) && serviceProblems(one, found).length === 0);
  if (wanted.length === 0) return new Map();
  await waitUntil(enteredMs + watchMs, signal, deps);
  const second = await probeServices(server, wanted, signal, deps);
  if ('failure' in second) return second;
  if (wanted.every((service) => isCalm(service, second))) return watchedProblems(wanted, second, second);
  await waitUntil(deps.clock.now() + calmMs, signal, deps);
  const third = await probeServices(server, wanted, signal, deps);
  return 'failure' in third ? third : watchedProblems(wanted, second, third);
}

function isCalm(service: ManagedService, found: readonly UnitState[]): boolean {
  return restartsOf(service, found) === 0 && serviceProblems(service, found).length === 0;
}

function watchedProblems(
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

async function probeServices(
  { id, session }: Entered,
  wanted: readonly ManagedService[],
  signal: AbortSignal,
  { probe, clock }: EntryDeps,
): Promise<UnitState[] | { failure: string }> {
  for (const deadline = clock.now() + patienceMs; ;) {
    const end = await session.run(probe, [serviceWord(wanted), 'again'], probeMs);
    const facts = end.exitCode === 0 ? parseFacts(end.stdout) : undefined;
    if (facts !== undefined) return facts.services;
    if (signal.aborted || clock.now() >= deadline) {
      const said = lastLine(end.stderr) || 'its answer is cut off';
      return { failure: `${id} let us in once, but not again: ${said}` };
    }
    await clock.pause(1_000);
  }
}

/** probe.sh's argument: the names of services as one word, which is never empty. */
function serviceWord(services: readonly ManagedService[]): string {
  const lines = services.map(({ name }) => `${name}\n`).join('');
  return Buffer.from(lines === '' ? '\n' : lines).toString('base64');
}

/** In steps, so that an interrupt need not wait for its end. */
async function waitUntil(untilMs: number, signal: AbortSignal, { clock }: EntryDeps): Promise<void> {
  while (!signal.aborted && clock.now() < untilMs) await clock.pause(1_000);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
