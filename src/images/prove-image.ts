import type { Node } from '../nodes/node.ts';
import { judgeImage, type ImageCase, type Look } from './judge-image.ts';
import { type BuilderFacts, parseFacts } from './machine-facts.ts';
import type { Proof } from './proof-servers.ts';
import type { Login, SshEnd } from './ssh.ts';

/** What the proof of an image needs of the world. */
export interface ProofWorld {
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
  /** A new key: file of its private half, and the public one as OpenSSH writes it. */
  makeKey: () => Promise<{ keyFile: string; publicKey: string; forget: () => Promise<void> }>;
  launch: (node: Node, proof: Proof, imageId: string, publicKey: string) => Promise<string[]>;
  describe: (
    id: string,
    overPrivate: boolean,
  ) => Promise<{ state: string; address: string | undefined } | undefined>;
  consoleTail: (id: string) => Promise<string>;
  /** Terminates the proof's servers and deletes its key; answers what is left. */
  remove: (proof: Proof) => Promise<string[]>;
  /** Runs the probe on a server. */
  probe: (login: Login, services: readonly string[]) => Promise<SshEnd>;
  say: (node: string, line: string) => void;
}

/** What is proved, and by what. */
export interface ProofTask {
  node: Node;
  imageId: string;
  run: string;
  sshUser: string;
  builder: BuilderFacts;
  /** Aborted: the servers are terminated, and the proof is none. */
  signal: AbortSignal;
  /** How long a server may take until ssh answers. */
  bootMs: number;
}

/** Terminates whatever is left of the proof, in every outcome, also of an earlier one that was killed. */
export async function proveImage(task: ProofTask, world: ProofWorld): Promise<ImageCase[]> {
  const { node } = task;
  const proof = { node: node.name, run: task.run };
  const key = await world.makeKey();
  try {
    await world.remove(proof);
    world.say(node.name, `launching two servers of ${task.imageId}`);
    const ids = await world.launch(node, proof, task.imageId, key.publicKey);
    const looks = await Promise.all(ids.map((id) => look(id, key.keyFile, task, world)));
    return judgeImage(looks, task.builder, key.publicKey.split(' ')[1] ?? '');
  } catch (error) {
    // What the account lacks is a failed proof; a cloud that is away, or a bug, is none at all.
    if ((error as { exitCode?: unknown }).exitCode !== 3) throw error;
    return [{ name: 'boots', problems: [(error as Error).message] }];
  } finally {
    for (const what of await world.remove(proof))
      world.say(node.name, `warning: could not be removed: ${what}`);
    await key.forget();
  }
}

async function look(id: string, keyFile: string, task: ProofTask, world: ProofWorld): Promise<Look> {
  const { node, signal, builder, sshUser } = task;
  const overPrivate = node.packer.ssh_interface === 'private_ip';
  const deadline = world.now() + task.bootMs;
  let why = 'EC2 does not list it';
  while (!signal.aborted && world.now() < deadline) {
    const server = await world.describe(id, overPrivate);
    if (server?.state === 'terminated' || server?.state === 'stopped')
      return { failure: await withConsole(`${id} is ${server.state}: it ended by itself`, id, world) };
    if (server !== undefined) why = `it is ${server.state}`;
    if (server?.state === 'running' && server.address !== undefined) {
      world.say(node.name, `looking at ${id}`);
      const end = await world.probe(
        { host: server.address, user: sshUser, keyFile },
        builder.services.map(({ name }) => name),
      );
      const facts = end.exitCode === 0 ? parseFacts(end.stdout) : undefined;
      if (facts !== undefined) return { facts };
      why = `ssh: ${end.stderr.trim().split('\n').at(-1) ?? ''}`;
      // 255: sshd is not there yet, or refuses us for the moment.
      if (end.exitCode !== 255)
        return { failure: `${id} could not be looked at: ${why || 'its answer is cut off'}` };
    }
    await world.pause(1_000);
  }
  if (signal.aborted) return { failure: `${id}: interrupted` };
  return {
    failure: await withConsole(`${id} did not let us in within ${task.bootMs / 1000} s (${why})`, id, world),
  };
}

async function withConsole(failure: string, id: string, world: ProofWorld): Promise<string> {
  const tail = await world
    .consoleTail(id)
    .catch((error: unknown) => `(not to be had: ${(error as Error).message})`);
  return `${failure}; its console ends with:\n${tail}`;
}
