import { CloudError } from '../../aws/ec2-failure.ts';
import { type MachineFacts, parseFacts } from './machine-facts.ts';
import type { Machine } from './machine.ts';
import type { ProofTask } from './prove-image.ts';
import type { Login } from './ssh.ts';

/** The probe itself waits up to two minutes for systemd. */
const probeMs = 180_000;

/** What is known of one server of an image: what it shows and how to try more there, or why nothing is. */
export type Look = ({ facts: MachineFacts } & Server) | { failure: string };

/** A server that has let us in. */
export interface Server {
  id: string;
  machine: Machine;
}

/** A server as EC2 has it. */
export interface ServerState {
  state: string;
  /** Where ssh reaches it. */
  address: string | undefined;
  /** Why it is in that state, as a code: `Client.InstanceInitiatedShutdown`. */
  reason?: string | undefined;
}

/** What a look at a server needs of the world. */
export interface LookWorld {
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
  describe: (id: string, overPrivate: boolean) => Promise<ServerState | undefined>;
  consoleTail: (id: string) => Promise<string>;
  machineAt: (login: Login) => Machine;
  /** The text of probe.sh. */
  probe: string;
  say: (node: string, line: string) => void;
}

/** Waits until a server of the image lets us in, for a bounded time, and looks at it. */
export async function lookAt(id: string, keyFile: string, task: ProofTask, world: LookWorld): Promise<Look> {
  const { node, signal, builder, sshUser } = task;
  const port = typeof node.packer.ssh_port === 'number' ? node.packer.ssh_port : 22;
  const overPrivate = node.packer.ssh_interface === 'private_ip';
  const services = (builder.services ?? []).map(({ name }) => `${name}\n`).join('') || '\n';
  const deadline = world.now() + task.bootMs;
  let why = 'EC2 does not list it';
  while (!signal.aborted && world.now() < deadline) {
    const server = await world.describe(id, overPrivate);
    if (server?.state === 'terminated' || server?.state === 'stopped') {
      if (!isOwnEnd(server.reason))
        throw new CloudError('server', `EC2 ended ${id}: ${server.reason ?? ''}: try again later`, undefined);
      return { failure: await withConsole(`${id} is ${server.state}: it ended by itself`, id, world) };
    }
    if (server !== undefined) why = `it is ${server.state}`;
    if (server?.state === 'running' && server.address !== undefined) {
      const machine = world.machineAt({ host: server.address, user: sshUser, port, keyFile });
      const end = await machine.run(world.probe, [Buffer.from(services).toString('base64')], probeMs);
      const facts = end.exitCode === 0 ? parseFacts(end.stdout) : undefined;
      if (facts !== undefined) return { facts, id, machine };
      const said = end.stderr.trim().split('\n').at(-1) ?? '';
      why = `ssh: ${said}`;
      // 255: sshd is not there yet, or refuses us for the moment.
      if (end.exitCode !== 255)
        return { failure: `${id} could not be looked at: ${said || 'its answer is cut off'}` };
    }
    await world.pause(1_000);
  }
  if (signal.aborted) return { failure: `${id}: interrupted` };
  return {
    failure: await withConsole(`${id} did not let us in within ${task.bootMs / 1000} s (${why})`, id, world),
  };
}

/** Every other reason is EC2's, the account's or a person's: a quota of volumes, a key of KMS, no capacity. */
function isOwnEnd(reason: string | undefined): boolean {
  return reason === undefined || reason === '' || reason === 'Client.InstanceInitiatedShutdown';
}

async function withConsole(failure: string, id: string, world: LookWorld): Promise<string> {
  const tail = await world
    .consoleTail(id)
    .catch((error: unknown) => `(not to be had: ${(error as Error).message})`);
  return `${failure}; its console ends with:\n${tail}`;
}
