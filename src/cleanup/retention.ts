import type { Image } from '../aws/images.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { nodeByName, type NotOurs } from '../aws/ours.ts';
import type { Reference, References } from '../references/reference.ts';
import { type Elsewhere, whyCopiesKeep, type CopyReason } from './copies-elsewhere.ts';

/** Why an image stays or goes; sentences.ts has the words. */
export type RetentionReason =
  // It stays:
  | { kind: 'not-ours'; why: NotOurs }
  | { kind: 'untagged'; node: string }
  | { kind: 'in-use'; users: readonly Reference[] }
  | { kind: 'keep-tag' }
  | { kind: 'protected'; how: string }
  | { kind: 'unknown-node' }
  | { kind: 'state'; state: string }
  | { kind: 'disabled-until'; until: string }
  | { kind: 'only-disabled' }
  | { kind: 'no-date' }
  | { kind: 'in-the-future' }
  | { kind: 'newest-verified'; rank: number; keep: number }
  | { kind: 'newest'; rank: number; keep: number }
  /** `revoked`: only where it is, with the reason. */
  | { kind: 'young'; minAgeMs: number; rejected: boolean; revoked?: string }
  | { kind: 'going-on'; run: string }
  | CopyReason
  // It goes:
  | { kind: 'older-verified'; rank: number; keep: number }
  | { kind: 'older'; rank: number; keep: number }
  | { kind: 'rejected' }
  /** `why` is what the person wrote who revoked it. */
  | { kind: 'revoked'; why: string }
  | { kind: 'failed' }
  | { kind: 'disabled-long-enough' }
  | { kind: 'gone-node' };

/** What is to become of an image, and why. */
export interface Retention {
  image: Image;
  /** The image's own, or the one that its name claims. */
  node: string;
  action: 'keep' | 'delete';
  reason: RetentionReason;
}

/** What {@link decideRetention} depends on. */
export interface RetentionRules {
  /** How many images of each node stay; a node that is not in it is gone from nodes.yaml. */
  keep: ReadonlyMap<string, number>;
  references: References;
  /** Younger images stay: verify, or a person, may still be checking them. */
  minAgeMs: number;
  /** The runs that are still going on. */
  runningRuns: ReadonlySet<string>;
  /** Images of nodes that are gone from nodes.yaml are deleted, too. */
  gone: boolean;
  /** Untagged images that are named NODE-UNIXSECONDS count as the node's. */
  adopt: boolean;
  nowMs: number;
  /** What other regions say; undefined: there are none. */
  elsewhere?: Elsewhere | undefined;
}

/** EC2's clock is known by the Date header of its answers, which has whole seconds. */
const clockPrecisionMs = 2_000;

function isFuture(createdMs: number, nowMs: number): boolean {
  return createdMs > nowMs + clockPrecisionMs;
}

/**
 * Decides for each image that is a bake's, or seems to be, whether it stays. The first that applies counts: an image that
 * is not ours stays and counts for nothing; a used or protected image stays; an image that cannot be judged stays; the
 * newest N verified images of each node stay, and the newest N of all; the original of a copy in another region stays if
 * that is in use, or if nothing is known of it. Only available images that are neither rejected nor revoked, with a known
 * date that is not in the future, count among the newest. Newest means by EC2's date or by the time of the bake in the
 * name: the date of copies says nothing. {@link RetentionReason} lists all reasons.
 *
 * Answers by node, newest first, whatever the order of the images; of the same time, by id.
 * @throws StageError (exit 2) when a number to keep is not a whole number from 1.
 */
export function decideRetention(images: readonly Image[], rules: RetentionRules): Retention[] {
  for (const [node, keep] of rules.keep) {
    if (!Number.isInteger(keep) || keep < 1)
      throw new StageError(
        `node ${node}: ${keep} images to keep: it must be a whole number from 1`,
        exitCode.badInput,
      );
  }
  return byNode(images, rules).flatMap(([node, ofNode]) => decideNode(node, ofNode, rules));
}

/** The images of each node, the newest first. Images that do not even seem to be a bake's are left out. */
function byNode(images: readonly Image[], rules: RetentionRules): [string, Image[]][] {
  const nodes = new Map<string, Image[]>();
  for (const image of images) {
    const isPlain = image.node === '' && !image.bearsOurTags;
    const node = isPlain ? claimedNode(image, rules) : image.node;
    if (node === undefined) continue;
    const ofNode = nodes.get(node);
    if (ofNode === undefined) nodes.set(node, [image]);
    else ofNode.push(image);
  }
  for (const ofNode of nodes.values()) ofNode.sort(newestByDate);
  return [...nodes].sort(([a], [b]) => compare(a, b));
}

function claimedNode({ name }: Image, { keep }: RetentionRules): string | undefined {
  const node = nodeByName(name);
  return node !== undefined && keep.has(node) ? node : undefined;
}

interface Place {
  rank: number;
  verifiedRank: number;
}

function decideNode(node: string, ofNode: readonly Image[], rules: RetentionRules): Retention[] {
  const places = placesOf(ofNode, rules);
  return ofNode.map((image) => {
    const stays = whyItStays(node, image, places, rules) ?? whyCopiesKeep(image, node, rules);
    return {
      image,
      node,
      action: stays ? 'keep' : 'delete',
      reason: stays ?? whyItGoes(node, image, places, rules),
    };
  });
}

/** The images that hold the places which there are for a node: the newest N verified and the newest N of all. */
export function heldPlaces(node: string, images: readonly Image[], rules: RetentionRules): Image[] {
  const keep = rules.keep.get(node) ?? 0;
  const ofNode = byNode(images, rules).find(([name]) => name === node)?.[1] ?? [];
  const places = placesOf(ofNode, rules);
  return ofNode.filter((image) => {
    const { rank = Infinity, verifiedRank = Infinity } = places.get(image) ?? {};
    return rank <= keep || (image.verified && verifiedRank <= keep);
  });
}

/** Each has the better one of its ranks by date and by name. */
function placesOf(ofNode: readonly Image[], rules: RetentionRules): Map<Image, Place> {
  const places = new Map<Image, Place>();
  const taking = ofNode.filter((image) => takesPlace(image, rules));
  for (const order of [newestByDate, newestByName]) {
    let verifiedRank = 0;
    for (const [index, image] of taking.toSorted(order).entries()) {
      if (image.verified) verifiedRank++;
      const { rank, verifiedRank: other } = places.get(image) ?? { rank: Infinity, verifiedRank: Infinity };
      places.set(image, {
        rank: Math.min(rank, index + 1),
        verifiedRank: Math.min(other, verifiedRank),
      });
    }
  }
  return places;
}

function takesPlace(image: Image, rules: RetentionRules): boolean {
  const { state, createdMs, rejected, revoked, notOurs } = image;
  const dated = createdMs !== undefined && !isFuture(createdMs, rules.nowMs);
  const isGood = state === 'available' && !rejected && revoked === undefined;
  return notOurs === undefined && isGood && dated && isManaged(image, rules);
}

function isManaged(image: Image, { adopt }: RetentionRules): boolean {
  return image.node !== '' || adopt;
}

/** The first reason for which it stays; undefined: none. */
function whyItStays(
  node: string,
  image: Image,
  places: ReadonlyMap<Image, Place>,
  rules: RetentionRules,
): RetentionReason | undefined {
  const { createdMs, state } = image;
  const { nowMs, minAgeMs } = rules;
  if (image.notOurs !== undefined) return { kind: 'not-ours', why: image.notOurs };
  if (!isManaged(image, rules)) return { kind: 'untagged', node };
  const users = rules.references.get(image.id) ?? [];
  if (users.length > 0) return { kind: 'in-use', users };
  if (image.keepTag) return { kind: 'keep-tag' };
  if (image.protection !== undefined) return { kind: 'protected', how: image.protection };
  const keep = rules.keep.get(node);
  if (keep === undefined && !rules.gone) return { kind: 'unknown-node' };
  if (state === 'disabled')
    return whyDisabledStays(image, places, keep, nowMs) ?? whileRunGoesOn(image, rules);
  if (state !== 'available' && state !== 'failed') return { kind: 'state', state };
  if (createdMs === undefined) return { kind: 'no-date' };
  if (isFuture(createdMs, nowMs)) return { kind: 'in-the-future' };
  const place = places.get(image);
  if (keep !== undefined && place !== undefined) {
    const { rank, verifiedRank } = place;
    if (image.verified && verifiedRank <= keep) return { kind: 'newest-verified', rank: verifiedRank, keep };
    if (rank <= keep) return { kind: 'newest', rank, keep };
  }
  if (nowMs - createdMs < minAgeMs) {
    const { rejected, revoked } = image;
    return { kind: 'young', minAgeMs, rejected, ...(revoked !== undefined && { revoked }) };
  }
  return whileRunGoesOn(image, rules);
}

function whileRunGoesOn({ run }: Image, { runningRuns }: RetentionRules): RetentionReason | undefined {
  return runningRuns.has(run) ? { kind: 'going-on', run } : undefined;
}

/** A disabled image goes only if cleanup disabled it, its time has come, and the node has another image to launch. */
function whyDisabledStays(
  { state, verified, revoked, deleteAfterMs = NaN }: Image,
  places: ReadonlyMap<Image, Place>,
  keep: number | undefined,
  nowMs: number,
): RetentionReason | undefined {
  if (Number.isNaN(deleteAfterMs)) return { kind: 'state', state };
  if (deleteAfterMs > nowMs) return { kind: 'disabled-until', until: new Date(deleteAfterMs).toISOString() };
  // A verified image is not replaced by one that is not verified.
  const replaces = [...places.keys()].some((image) => image.verified || !verified || revoked !== undefined);
  return keep !== undefined && !replaces ? { kind: 'only-disabled' } : undefined;
}

function whyItGoes(
  node: string,
  image: Image,
  places: ReadonlyMap<Image, Place>,
  rules: RetentionRules,
): RetentionReason {
  if (image.state === 'disabled') return { kind: 'disabled-long-enough' };
  if (image.state === 'failed') return { kind: 'failed' };
  const keep = rules.keep.get(node);
  if (keep === undefined) return { kind: 'gone-node' };
  const place = places.get(image);
  if (image.revoked !== undefined) return { kind: 'revoked', why: image.revoked };
  if (place === undefined) return { kind: 'rejected' };
  return image.verified
    ? { kind: 'older-verified', rank: place.verifiedRank, keep }
    : { kind: 'older', rank: place.rank, keep };
}

/** EC2's dates are whole seconds. By name and then by id where they are the same, so that every run decides alike. */
export function newestByDate(a: Image, b: Image): number {
  return secondOf(b) - secondOf(a) || timeByName(b) - timeByName(a) || byTimeAndId(a, b);
}

function newestByName(a: Image, b: Image): number {
  return timeByName(b) - timeByName(a) || byTimeAndId(a, b);
}

function byTimeAndId(a: Image, b: Image): number {
  return (b.createdMs ?? noTime) - (a.createdMs ?? noTime) || compare(b.id, a.id);
}

/** Before any other; a difference of two of them is a number. */
const noTime = -Number.MAX_SAFE_INTEGER;

function secondOf({ createdMs = noTime }: Image): number {
  return Math.floor(createdMs / 1000);
}

/** An image of ours has a time in its name. */
function timeByName({ bakedMs, createdMs }: Image): number {
  return bakedMs ?? createdMs ?? noTime;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
