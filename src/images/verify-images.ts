import pLimit from 'p-limit';

/** What verify needs to know of a verdict. */
export interface Judged {
  node: string;
  imageId?: string;
  proved: boolean;
}

/** What verify needs of the world; `N` is a node, `V` a verdict. */
export interface VerifyWorld<N extends { name: string }, V extends Judged> {
  /** Judges the node's newest bake by its reports. */
  judge: (node: N) => Promise<V>;
  /** Boots the image of a good verdict and adds what it shows; throws when the cloud is not available. */
  boot?: (verdict: V, node: N) => Promise<V>;
  /** Writes the verdict for Jenkins. */
  write: (verdict: V) => Promise<void>;
  /** Tags the image as verified; answers why it is not fit for it, if so; throws when the cloud is not available. */
  markVerified: (imageId: string, node: string, isBooted: boolean) => Promise<string | undefined>;
  /** Tags the image as rejected; answers why it can't be, if so; throws when the cloud is not available. */
  markRejected: (imageId: string, node: string, reason: string) => Promise<string | undefined>;
  /** The verdict, with one more reason not to trust the image. */
  reject: (verdict: V, why: string) => V;
  /** Why a verdict is not a good one, in a sentence. */
  reasonOf: (verdict: V) => string;
  /** Nothing more is begun. */
  signal: AbortSignal;
}

/** What became of one node. */
export interface Verification<V> {
  verdict: V;
  /** The image bears the tag of a verified one now. */
  tagged: boolean;
  /** Why the image bears neither tag: the cloud was not available. */
  unavailable?: string;
}

/**
 * Judges every node and writes all verdicts, then tags the images: nothing that the cloud does can keep a report from
 * being written. An image that turns out unfit gets its verdict written anew.
 * @param parallel how many images are booted and tagged at a time, each on two servers
 */
export async function verifyImages<N extends { name: string }, V extends Judged>(
  nodes: readonly N[],
  parallel: number,
  world: VerifyWorld<N, V>,
): Promise<Verification<V>[]> {
  const judged: { node: N; verdict: V }[] = [];
  // One after the other: a large report takes much memory while it is read.
  for (const node of nodes) {
    const verdict = await world.judge(node);
    await world.write(verdict);
    judged.push({ node, verdict });
  }
  const queue = pLimit(parallel);
  const done = await Promise.allSettled(
    judged.map(({ node, verdict }) => queue(() => bootAndTag(verdict, node, world))),
  );
  // Not before all have terminated their servers.
  return done.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function bootAndTag<N extends { name: string }, V extends Judged>(
  verdict: V,
  node: N,
  world: VerifyWorld<N, V>,
): Promise<Verification<V>> {
  if (world.signal.aborted)
    return {
      verdict: await unproved(verdict, 'interrupted before a server was launched', world),
      tagged: false,
    };
  try {
    return await tagged(await booted(verdict, node, world), world);
  } catch (error) {
    const unavailable = (error as Error).message;
    const rejected = await unproved(verdict, unavailable, world);
    // By its number: what says that the cloud is not available need not be of one class.
    if ((error as { exitCode?: unknown }).exitCode !== 4) throw error;
    return { verdict: rejected, tagged: false, unavailable };
  }
}

/** What Jenkins shows must not be green where servers were to be looked at and were not. */
async function unproved<N extends { name: string }, V extends Judged>(
  verdict: V,
  why: string,
  world: VerifyWorld<N, V>,
): Promise<V> {
  if (world.boot === undefined || !verdict.proved) return verdict;
  const rejected = world.reject(verdict, why);
  await world.write(rejected);
  return rejected;
}

async function booted<N extends { name: string }, V extends Judged>(
  verdict: V,
  node: N,
  world: VerifyWorld<N, V>,
): Promise<V> {
  if (!verdict.proved || world.boot === undefined) return verdict;
  const shown = await world.boot(verdict, node);
  await world.write(shown);
  return shown;
}

async function tagged<N extends { name: string }, V extends Judged>(
  verdict: V,
  world: VerifyWorld<N, V>,
): Promise<Verification<V>> {
  const { imageId, node } = verdict;
  // What was cut off has shown nothing of the image, good or bad.
  if (imageId === undefined || world.signal.aborted) return { verdict, tagged: false };
  const why = verdict.proved
    ? await world.markVerified(imageId, node, world.boot !== undefined)
    : await world.markRejected(imageId, node, world.reasonOf(verdict));
  if (why === undefined) return { verdict, tagged: verdict.proved };
  const rejected = world.reject(verdict, why);
  await world.write(rejected);
  return { verdict: rejected, tagged: false };
}
