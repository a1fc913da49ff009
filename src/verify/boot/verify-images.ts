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
  /** Boots the image of a good verdict and adds what it shows. */
  boot?: (verdict: V, node: N) => Promise<Boot<V>>;
  /** Writes the verdict for Jenkins. */
  write: (verdict: V) => Promise<void>;
  /** Tags the image as verified; answers why it is not fit for it, if so; throws when the cloud is not available. */
  markVerified: (imageId: string, node: string, isBooted: boolean) => Promise<string | undefined>;
  /** Tags the image as rejected; answers why it can't be, if so; throws when the cloud is not available. */
  markRejected: (imageId: string, node: string, reason: string) => Promise<string | undefined>;
  /** The verdict, with one more reason not to trust the image. */
  reject: (verdict: V, why: string) => V;
  /** The verdict of an image whose servers have not shown anything, for a reason that is not the image's. */
  setAside: (verdict: V, why: string) => V;
  /** Why a verdict is not a good one, in a sentence. */
  reasonOf: (verdict: V) => string;
  /** Nothing more is begun. */
  signal: AbortSignal;
}

/** What booting an image came to. */
export interface Boot<V> {
  verdict: V;
  /** Why the servers say nothing of the image: the cloud, the account or this computer kept them from it. */
  unavailable?: string;
  /** What was launched and could not be removed, with the reason. */
  leftovers: string[];
}

/** What became of one node. */
export interface Verification<V> extends Boot<V> {
  /** The image bears the tag of a verified one now. */
  tagged: boolean;
}

/** A verify --boot that was killed leaves this: a red file, whatever the reports say. */
const pending = 'verify --boot did not get to its end: its servers have not shown anything yet';

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
    await world.write(isBooted(verdict, world) ? world.setAside(verdict, pending) : verdict);
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

type World<N extends { name: string }, V extends Judged> = VerifyWorld<N, V>;

function isBooted<N extends { name: string }, V extends Judged>(verdict: V, world: World<N, V>): boolean {
  return verdict.proved && world.boot !== undefined;
}

/** What Jenkins shows must not be green where servers were to show something and did not. */
async function bootAndTag<N extends { name: string }, V extends Judged>(
  judged: V,
  node: N,
  world: World<N, V>,
): Promise<Verification<V>> {
  let boot: Boot<V> = { verdict: judged, leftovers: [] };
  const aside = async (why: string) => {
    if (!isBooted(judged, world)) return;
    boot = { ...boot, verdict: world.setAside(boot.verdict, why) };
    await world.write(boot.verdict);
  };
  try {
    if (world.boot !== undefined && judged.proved) {
      if (!world.signal.aborted) boot = await world.boot(judged, node);
      const why = world.signal.aborted ? 'verify --boot was interrupted' : boot.unavailable;
      if (why === undefined) await world.write(boot.verdict);
      else await aside(why);
    }
    const isShown = boot.unavailable === undefined && !world.signal.aborted;
    return { ...boot, ...(isShown ? await tagged(boot.verdict, world) : { tagged: false }) };
  } catch (error) {
    const unavailable = (error as Error).message;
    await aside(unavailable);
    // By its number: what says that the cloud is not available need not be of one class.
    if ((error as { exitCode?: unknown }).exitCode !== 4) throw error;
    return { ...boot, tagged: false, unavailable };
  }
}

async function tagged<N extends { name: string }, V extends Judged>(
  verdict: V,
  world: World<N, V>,
): Promise<{ verdict: V; tagged: boolean }> {
  const { imageId, node } = verdict;
  if (imageId === undefined) return { verdict, tagged: false };
  const why = verdict.proved
    ? await world.markVerified(imageId, node, world.boot !== undefined)
    : await world.markRejected(imageId, node, world.reasonOf(verdict));
  if (why === undefined) return { verdict, tagged: verdict.proved };
  const rejected = world.reject(verdict, why);
  await world.write(rejected);
  return { verdict: rejected, tagged: false };
}
