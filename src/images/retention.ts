import type { Image } from './list-images.ts';
import type { References } from './references.ts';

/** How long an image may wait for its verify, and a failed one for somebody to look at it. */
export const graceMs = 60 * 60_000;

/** Why an image stays or goes; {@link sentence} says it to a person. */
export type Reason =
  | { kind: 'in-use'; users: readonly string[] }
  | { kind: 'unknown-node' }
  | { kind: 'state'; state: string }
  | { kind: 'no-date' }
  | { kind: 'in-the-future' }
  | { kind: 'newest-verified'; rank: number; keep: number }
  | { kind: 'older-verified'; rank: number; keep: number }
  | { kind: 'young' }
  | { kind: 'none-verified'; rank: number; keep: number }
  | { kind: 'older-of-none-verified'; rank: number; keep: number }
  | { kind: 'unverified' }
  | { kind: 'rejected' }
  | { kind: 'failed' };

/** What is to become of an image, and why. */
export interface Decision {
  image: Image;
  action: 'keep' | 'delete';
  reason: Reason;
}

/** A number of images to keep that would leave a node without any. */
export class KeepError extends Error {
  readonly exitCode = 2;
}

/** What {@link decideRetention} goes by. */
export interface Rules {
  /** How many images of each node stay; a node that is not in it is unknown. */
  keep: ReadonlyMap<string, number>;
  references: References;
  nowMs: number;
}

/**
 * Decides for each image whether it stays. The first that applies counts:
 *
 * 1. A node that nodes.yaml does not have: stays, since another pipeline may own it.
 * 2. An instance uses it: stays.
 * 3. Not `available`: `failed` goes after an hour; anything else, such as `pending`, stays.
 * 4. No date of creation, or one in the future: stays, and takes no place among the newest, since where it would
 *    stand is not known.
 * 5. Verified: the newest N of the node stay (those in use are counted), older ones go at any age.
 * 6. Unverified: stays for an hour, in which verify may still come; then it goes, unless the node has no verified
 *    image at all: then its newest N available ones stay, not counting those that verify has rejected, which go.
 *
 * Answers by node, newest first, whatever the order of the images.
 * @throws KeepError (exit 2) when a number to keep is not a whole number from 1.
 */
export function decideRetention(images: readonly Image[], rules: Rules): Decision[] {
  for (const [node, keep] of rules.keep) {
    if (!Number.isInteger(keep) || keep < 1)
      throw new KeepError(`node ${node}: ${keep} images to keep: it must be a whole number from 1`);
  }
  const sorted = images.toSorted((a, b) => compare(a.node, b.node) || newestFirst(a, b));
  return sorted.map((image) => {
    const keep = rules.keep.get(image.node);
    const ofNode = sorted.filter(({ node }) => node === image.node);
    const reason: Reason =
      keep === undefined ? { kind: 'unknown-node' } : reasonFor(image, ofNode, keep, rules);
    return { image, action: goes.has(reason.kind) ? 'delete' : 'keep', reason };
  });
}

const goes: ReadonlySet<Reason['kind']> = new Set([
  'older-verified',
  'older-of-none-verified',
  'unverified',
  'rejected',
  'failed',
] as const);

/** `ofNode` newest first. */
function reasonFor(image: Image, ofNode: readonly Image[], keep: number, rules: Rules): Reason {
  const { nowMs } = rules;
  const users = rules.references.get(image.id) ?? [];
  if (users.length > 0) return { kind: 'in-use', users };
  const { createdMs, state } = image;
  if (state !== 'available' && state !== 'failed') return { kind: 'state', state };
  if (createdMs === undefined) return { kind: 'no-date' };
  if (createdMs > nowMs) return { kind: 'in-the-future' };
  const young = nowMs - createdMs < graceMs;
  if (state === 'failed') return young ? { kind: 'state', state } : { kind: 'failed' };
  const ranked = ofNode.filter((other) => isRanked(other, nowMs));
  if (image.verified) {
    const rank = 1 + ranked.filter(({ verified }) => verified).indexOf(image);
    return { kind: rank <= keep ? 'newest-verified' : 'older-verified', rank, keep };
  }
  if (young) return { kind: 'young' };
  if (image.rejected) return { kind: 'rejected' };
  if (ofNode.some((other) => other.verified && other.state === 'available')) return { kind: 'unverified' };
  const rank = 1 + ranked.indexOf(image);
  return { kind: rank <= keep ? 'none-verified' : 'older-of-none-verified', rank, keep };
}

function isRanked({ state, createdMs, rejected }: Image, nowMs: number): boolean {
  return state === 'available' && !rejected && createdMs !== undefined && createdMs <= nowMs;
}

/** By id where the time is the same, so that every run decides alike. */
function newestFirst(a: Image, b: Image): number {
  return (b.createdMs ?? -Infinity) - (a.createdMs ?? -Infinity) || compare(b.id, a.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
