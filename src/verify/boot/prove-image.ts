import type { Node } from '../../nodes/node.ts';
import { codeOf } from '../../aws/ec2-failure.ts';
import { judgeImage, type ImageCase } from './judge-image.ts';
import { type LookWorld, lookAt } from './look-at-server.ts';
import type { BuilderFacts } from './machine-facts.ts';
import type { Machine } from './machine.ts';
import type { Proof } from './proof-servers.ts';
import { type Watched, watchServices } from './watch-services.ts';

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

/** What a proof came to. */
export interface ProofEnd {
  /** What the servers showed; or why they say nothing of the image. */
  shown: ImageCase[] | { unavailable: string };
  /** What could not be removed, with the reason. */
  leftovers: string[];
}

/** Terminates whatever is left of the proof, in every outcome, also of an earlier one that was killed. */
export async function proveImage(task: ProofTask, world: ProofWorld): Promise<ProofEnd> {
  const { node, signal } = task;
  const proof = { node: node.name, run: task.run };
  const key = await world.makeKey();
  let ids: string[] = [];
  let end: Pick<ProofEnd, 'shown'> | { bug: unknown };
  try {
    const before = await world.remove(proof);
    if (before.length > 0) {
      // Each try would leave two more.
      end = { shown: { unavailable: 'what an earlier verify --boot left cannot be removed' } };
    } else {
      world.say(node.name, `launching two servers of ${task.imageId}`);
      ids = await world.launch(node, proof, task.imageId, key.publicKey);
      end = { shown: await shownBy(ids, key, task, world) };
    }
  } catch (error) {
    const shown = notOfImage(error, signal);
    end = shown === undefined ? { bug: error } : { shown };
  }
  let leftovers: string[];
  try {
    leftovers = await world.remove(proof, ids);
  } finally {
    await key.forget();
  }
  for (const what of leftovers) world.say(node.name, `warning: could not be removed: ${what}`);
  if ('bug' in end) throw end.bug;
  return { shown: signal.aborted ? { unavailable: interrupted } : end.shown, leftovers };
}

async function shownBy(
  ids: readonly string[],
  key: Awaited<ReturnType<ProofWorld['makeKey']>>,
  task: ProofTask,
  world: ProofWorld,
): Promise<ImageCase[]> {
  const { node } = task;
  // All of them, also when one throws: none may go on with a key that is forgotten.
  const looked = await Promise.allSettled(ids.map((id) => lookAt(id, key.keyFile, task, world)));
  const looks = looked.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  const lookedMs = world.now();
  const cases = judgeImage(looks, task.builder, key.publicKey.split(' ')[1] ?? '');
  // Not before both have been looked at: what is tried may leave something on the server.
  const [first] = looks;
  if (first === undefined || 'failure' in first) return cases;
  world.say(node.name, 'looked at both; now what must hold on one of them');
  const tried: ImageCase[] = [];
  for (const trial of world.trials) {
    if (task.signal.aborted) break;
    tried.push(...(await trial(first.machine)));
  }
  const watched = await Promise.all(
    looks.map(async (look) =>
      'failure' in look
        ? look
        : watchServices(look, task.builder.services ?? [], lookedMs, task.signal, world),
    ),
  );
  const all = withWatched(cases, watched);
  // A service that does not run is named once: Puppet would start it, too.
  const named = new Set(all.filter(({ problems }) => problems.length > 0).map(({ name }) => name));
  return [...all, ...tried.filter(({ name }) => !named.has(`runs ${name}`))];
}

/** The cases with what the last look at the services has shown besides. */
function withWatched(cases: readonly ImageCase[], watched: readonly Watched[]): ImageCase[] {
  const failures = watched.flatMap((one) => ('failure' in one ? [one.failure] : []));
  return cases.map((one) => {
    const found = watched.flatMap((services) =>
      'failure' in services ? [] : (services.get(one.name.replace(/^runs Service\[(.*)\]$/, '$1')) ?? []),
    );
    const more = one.name === 'boots' ? failures : found;
    return { ...one, problems: [...new Set([...one.problems, ...more])] };
  });
}

const interrupted = 'verify --boot was interrupted';

/**
 * What an error says that is no bug of ours: of the image only that it is gone; what the account lacks, EC2 refuses or
 * is away for, and what this computer lacks, says nothing of it.
 */
function notOfImage(error: unknown, signal: AbortSignal): ProofEnd['shown'] | undefined {
  if (!(error instanceof Error)) return undefined;
  if (signal.aborted && (error === signal.reason || error.name === 'AbortError'))
    return { unavailable: interrupted };
  const code = codeOf(error);
  if (code.startsWith('InvalidAMIID.')) return [{ name: 'boots', problems: [`${code}: ${error.message}`] }];
  if ('$metadata' in error) return { unavailable: `EC2 does not launch it: ${code}: ${error.message}` };
  const { exitCode } = error as { exitCode?: unknown };
  return exitCode === 3 || exitCode === 4 ? { unavailable: error.message } : undefined;
}
