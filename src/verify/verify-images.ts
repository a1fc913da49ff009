import pLimit from 'p-limit';
import type { BakeRecord } from '../build/bake-record.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { redactor } from '../puppet/report/secrets.ts';
import type { Examined } from './boot/examine-image.ts';
import { type ImageCase, reject, type RunVerdict, setAside, withImageCases } from './verdict.ts';
import { reasonOf, type VerifiedNode } from './verify-result.ts';

/** A node's newest bake, judged by its reports. */
export interface JudgedBake {
  node: Node;
  /** Absent: no bake of this run is known, so the image is not verified. */
  bake?: BakeRecord;
  verdict: RunVerdict;
}

/** What verify does in the account. */
export interface VerifyAccount {
  /** Examines servers of the image that a bake made. */
  examine: (node: Node, bake: BakeRecord) => Promise<Examined>;
  /** Tags the image as verified; returns why it is not fit for it, if so. */
  markVerified: (
    imageId: string,
    node: string,
    isExamined: boolean,
    keptVolumes: readonly string[],
  ) => Promise<string | undefined>;
  /** Tags the image as rejected; returns why it cannot be, if so. */
  markRejected: (imageId: string, node: string, reason: string) => Promise<string | undefined>;
}

export interface VerifyOptions {
  /** Servers of each image are examined before it is tagged as verified. */
  boot: boolean;
  /** How many images are examined and tagged at a time, each by two servers. */
  parallel: number;
  /** What is kept out of all texts besides what looks like a secret; global patterns. */
  secret: readonly RegExp[];
}

export interface VerifyDeps {
  /** Connected to when it is first needed. */
  account: () => Promise<VerifyAccount>;
  junit: { write: (verdict: RunVerdict) => Promise<void> };
  /** Aborted: nothing more is begun. */
  signal: AbortSignal;
}

/** What stands in junit.xml until servers of the image are examined: a verify that is killed leaves it, and it is red. */
export function untilExamined(verdict: RunVerdict): RunVerdict {
  if (!verdict.verified) return verdict;
  return setAside(verdict, 'verify --boot did not get to its end: servers of the image were not examined');
}

/**
 * Examines the images and tags them. The JUnit files are written by then, so nothing that the cloud does keeps one from
 * being written; that of an image that turns out unfit is written again.
 */
export async function verifyImages(
  judged: readonly JudgedBake[],
  options: VerifyOptions,
  deps: VerifyDeps,
): Promise<VerifiedNode[]> {
  const queue = pLimit(options.parallel);
  const done = await Promise.allSettled(judged.map((one) => queue(() => verifyImage(one, options, deps))));
  // Not before all have terminated their servers.
  return done.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** What Jenkins shows must not be green where servers were to be examined and were not. */
async function verifyImage(
  judged: JudgedBake,
  options: VerifyOptions,
  deps: VerifyDeps,
): Promise<VerifiedNode> {
  const { node, bake } = judged;
  const { junit, signal } = deps;
  const isExamined = options.boot && judged.verdict.verified;
  let { verdict } = judged;
  let leftovers: string[] = [];
  const notExamined = async (why: string) => {
    if (!isExamined) return;
    verdict = setAside(verdict, why);
    await junit.write(verdict);
  };
  try {
    let shown: Examined['shown'] | undefined;
    if (isExamined && !signal.aborted) {
      if (bake === undefined) throw new Error('an image without a bake was verified');
      ({ shown, leftovers } = await (await deps.account()).examine(node, bake));
    }
    const unavailable = unavailableOf(shown, options.secret);
    if (signal.aborted || unavailable !== undefined) {
      await notExamined(signal.aborted ? 'verify --boot was interrupted' : (unavailable ?? ''));
      return { verdict, tagged: false, leftovers, ...(unavailable === undefined ? {} : { unavailable }) };
    }
    if (isExamined) {
      verdict = withImageCases(verdict, casesOf(shown), options.secret);
      await junit.write(verdict);
    }
    return { ...(await markImage(verdict, judged, options, deps)), leftovers };
  } catch (error) {
    const unavailable = (error as Error).message;
    await notExamined(unavailable);
    if (exitCodeOf(error) !== exitCode.unavailable) throw error;
    return { verdict, tagged: false, leftovers, unavailable };
  }
}

function unavailableOf(shown: Examined['shown'] | undefined, secrets: readonly RegExp[]): string | undefined {
  return shown !== undefined && 'unavailable' in shown ? redactor(secrets)(shown.unavailable) : undefined;
}

function casesOf(shown: Examined['shown'] | undefined): ImageCase[] {
  return shown === undefined || 'unavailable' in shown ? [] : shown;
}

async function markImage(
  verdict: RunVerdict,
  { bake }: JudgedBake,
  { boot }: VerifyOptions,
  { account, junit }: VerifyDeps,
): Promise<{ verdict: RunVerdict; tagged: boolean }> {
  const { imageId, node, verified } = verdict;
  if (imageId === undefined) return { verdict, tagged: false };
  const { markVerified, markRejected } = await account();
  const why = verified
    ? await markVerified(imageId, node, boot, bake?.keptVolumes ?? [])
    : await markRejected(imageId, node, reasonOf(verdict));
  if (why === undefined) return { verdict, tagged: verified };
  const rejected = reject(verdict, why);
  await junit.write(rejected);
  return { verdict: rejected, tagged: false };
}
