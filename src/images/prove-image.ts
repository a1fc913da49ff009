import type { Node } from '../nodes/node.ts';
import { codeOf } from './ec2-failure.ts';
import { judgeImage, type ImageCase } from './judge-image.ts';
import { type LookWorld, lookAt } from './look-at-server.ts';
import type { BuilderFacts } from './machine-facts.ts';
import type { Machine } from './machine.ts';
import type { Proof } from './proof-servers.ts';

/** What the proof of an image needs of the world. */
export interface ProofWorld extends LookWorld {
  /** A new key: file of its private half, and the public one as OpenSSH writes it. */
  makeKey: () => Promise<{ keyFile: string; publicKey: string; forget: () => Promise<void> }>;
  launch: (node: Node, proof: Proof, imageId: string, publicKey: string) => Promise<string[]>;
  /** Terminates the proof's servers, those that were just launched for sure, and deletes its key; answers what is left. */
  remove: (proof: Proof, launched?: readonly string[]) => Promise<string[]>;
  /** What must hold on a server besides, each tried on the first one once it has been looked at. */
  trials: readonly ((machine: Machine) => Promise<ImageCase[]>)[];
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
  let ids: string[] = [];
  try {
    await world.remove(proof);
    world.say(node.name, `launching two servers of ${task.imageId}`);
    ids = await world.launch(node, proof, task.imageId, key.publicKey);
    // All of them, also when one throws: none may go on with a key that is forgotten.
    const looked = await Promise.allSettled(ids.map((id) => lookAt(id, key.keyFile, task, world)));
    const looks = looked.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const cases = judgeImage(looks, task.builder, key.publicKey.split(' ')[1] ?? '');
    // Not before both have been looked at: what is tried may leave something on the server.
    const [first] = looks;
    if (first === undefined || 'failure' in first) return cases;
    // A service that does not start is told once: Puppet would start it, too.
    const told = new Set(cases.filter(({ problems }) => problems.length > 0).map(({ name }) => name));
    world.say(node.name, 'looked at both; now what must hold on one of them');
    for (const trial of world.trials) {
      const tried = await trial(first.machine);
      cases.push(...tried.filter(({ name }) => !told.has(`runs ${name}`)));
    }
    return cases;
  } catch (error) {
    // What the account lacks, or EC2 does not let us have, is a failed proof; a cloud that is away, or a bug, is none.
    const isAnswer = error instanceof Error && '$metadata' in error;
    if (!isAnswer && (error as { exitCode?: unknown }).exitCode !== 3) throw error;
    const why = (error as Error).message;
    const problem = isAnswer ? `EC2 does not launch ${task.imageId}: ${codeOf(error)}: ${why}` : why;
    return [{ name: 'boots', problems: [problem] }];
  } finally {
    try {
      for (const what of await world.remove(proof, ids))
        world.say(node.name, `warning: could not be removed: ${what}`);
    } finally {
      await key.forget();
    }
  }
}
