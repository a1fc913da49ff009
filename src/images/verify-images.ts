import pLimit from 'p-limit';

/** What verify needs to know of a verdict. */
export interface Judged {
  node: string;
  imageId?: string;
  proved: boolean;
}

/** What verify needs of the world; `V` is a verdict. */
export interface VerifyWorld<V extends Judged> {
  /** Judges the node's newest bake by its reports. */
  judge: (node: string) => Promise<V>;
  /** Boots the image of a good verdict and adds what it shows; throws when the cloud is not available. */
  boot?: (verdict: V) => Promise<V>;
  /** Writes the verdict for Jenkins. */
  write: (verdict: V) => Promise<void>;
  /** Tags the image as verified; answers why it is not fit for it, if so; throws when the cloud is not available. */
  markVerified: (imageId: string, node: string) => Promise<string | undefined>;
  /** The verdict, with one more reason not to trust the image. */
  reject: (verdict: V, why: string) => V;
}

/** What became of one node. */
export interface Verification<V> {
  verdict: V;
  /** The image bears the tag now. */
  tagged: boolean;
  /** Why the image of a good verdict bears no tag: the cloud was not available. */
  unavailable?: string;
}

/**
 * Judges every node and writes all verdicts, then tags the images that are proved: nothing that the cloud does can
 * keep a report from being written. An image that turns out unfit gets its verdict written anew.
 */
export async function verifyImages<V extends Judged>(
  nodes: readonly string[],
  world: VerifyWorld<V>,
): Promise<Verification<V>[]> {
  const verdicts: V[] = [];
  for (const node of nodes) {
    const verdict = await world.judge(node);
    await world.write(verdict);
    verdicts.push(verdict);
  }
  const queue = pLimit(atOnce);
  return Promise.all(verdicts.map((verdict) => queue(() => bootAndTag(verdict, world))));
}

/** Each boots two servers. */
const atOnce = 2;

async function bootAndTag<V extends Judged>(verdict: V, world: VerifyWorld<V>): Promise<Verification<V>> {
  if (!verdict.proved || world.boot === undefined) return tagProved(verdict, world);
  try {
    const booted = await world.boot(verdict);
    await world.write(booted);
    return await tagProved(booted, world);
  } catch (error) {
    return unavailable(verdict, error);
  }
}

function unavailable<V>(verdict: V, error: unknown): Verification<V> {
  // By its number: what says that the cloud is not available need not be of one class.
  if ((error as { exitCode?: unknown }).exitCode !== 4) throw error;
  return { verdict, tagged: false, unavailable: (error as Error).message };
}

async function tagProved<V extends Judged>(verdict: V, world: VerifyWorld<V>): Promise<Verification<V>> {
  if (!verdict.proved || verdict.imageId === undefined) return { verdict, tagged: false };
  let why: string | undefined;
  try {
    why = await world.markVerified(verdict.imageId, verdict.node);
  } catch (error) {
    return unavailable(verdict, error);
  }
  if (why === undefined) return { verdict, tagged: true };
  const rejected = world.reject(verdict, why);
  await world.write(rejected);
  return { verdict: rejected, tagged: false };
}
