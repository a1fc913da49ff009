import type { Image } from '../aws/images.ts';
import { nodeByName, type NotOurs } from '../aws/ours.ts';
import type { Reference, References } from '../references/reference.ts';

/** Why an image stays or goes; `sentence` says it to a person. */
export type Reason =
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
  | { kind: 'young'; minAgeMs: number }
  | { kind: 'going-on'; run: string }
  // It goes:
  | { kind: 'older-verified'; rank: number; keep: number }
  | { kind: 'older'; rank: number; keep: number }
  | { kind: 'rejected' }
  | { kind: 'failed' }
  | { kind: 'disabled-long-enough' }
  | { kind: 'gone-node' };

/** What is to become of an image, and why. */
export interface Retention {
  image: Image;
  /** The image's own, or the one that its name claims. */
  node: string;
  action: 'keep' | 'delete';
  reason: Reason;
}

/** A number of images to keep that would leave a node without any. */
class KeepError extends Error {
  readonly exitCode = 2;
}

/** What {@link decideRetention} goes by. */
export interface Rules {
  /** How many images of each node stay; a node that is not in it has left nodes.yaml. */
  keep: ReadonlyMap<string, number>;
  references: References;
  /** Younger images stay: verify, or somebody, may still look at them. */
  minAgeMs: number;
  /** The runs that go on. */
  goingOn: ReadonlySet<string>;
  /** Images of nodes that have left nodes.yaml go, too. */
  gone: boolean;
  /** Images that no bake tagged, but that are named like one's, count as the node's. */
  adopt: boolean;
  nowMs: number;
}

/**
 * Decides for each image that is a bake's, or looks like it, whether it stays. One that is not ours stays and counts for
 * nothing. What uses or protects an image comes next; then whether it can be judged at all; then, per node, the newest N
 * verified stay and the newest N of all. Only images that are available and not rejected, of a known date that is not in
 * the future, take a place among those. The newest are those by EC2's date and those by the time of the bake in the name:
 * of copies that were made in one go, the date says nothing. See {@link Reason} for all that there is.
 *
 * Answers by node, newest first, whatever the order of the images; of the same time, by id.
 * @throws KeepError (exit 2) when a number to keep is not a whole number from 1.
 */
export function decideRetention(images: readonly Image[], rules: Rules): Retention[] {
  for (const [node, keep] of rules.keep) {
    if (!Number.isInteger(keep) || keep < 1)
      throw new KeepError(`node ${node}: ${keep} images to keep: it must be a whole number from 1`);
  }
  return byNode(images, rules).flatMap(([node, ofNode]) => decideNode(node, ofNode, rules));
}

/** The images of each node, the newest first. Images that do not even look like a bake's are left out. */
function byNode(images: readonly Image[], rules: Rules): [string, Image[]][] {
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

function claimedNode({ name }: Image, { keep }: Rules): string | undefined {
  const node = nodeByName(name);
  return node !== undefined && keep.has(node) ? node : undefined;
}

interface Place {
  rank: number;
  verifiedRank: number;
}

function decideNode(node: string, ofNode: readonly Image[], rules: Rules): Retention[] {
  const places = placesOf(ofNode, rules);
  return ofNode.map((image) => {
    const stays = whyItStays(node, image, places, rules);
    return {
      image,
      node,
      action: stays ? 'keep' : 'delete',
      reason: stays ?? whyItGoes(node, image, places, rules),
    };
  });
}

/** The images that hold the places which there are for a node: the newest N verified and the newest N of all. */
export function heldPlaces(node: string, images: readonly Image[], rules: Rules): Image[] {
  const keep = rules.keep.get(node) ?? 0;
  const ofNode = byNode(images, rules).find(([name]) => name === node)?.[1] ?? [];
  const places = placesOf(ofNode, rules);
  return ofNode.filter((image) => {
    const { rank = Infinity, verifiedRank = Infinity } = places.get(image) ?? {};
    return rank <= keep || (image.verified && verifiedRank <= keep);
  });
}

/** Each has the better one of its ranks by date and by name. */
function placesOf(ofNode: readonly Image[], rules: Rules): Map<Image, Place> {
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

function takesPlace(image: Image, rules: Rules): boolean {
  const { state, createdMs, rejected, notOurs } = image;
  const dated = createdMs !== undefined && createdMs <= rules.nowMs;
  return notOurs === undefined && state === 'available' && !rejected && dated && isTakenIn(image, rules);
}

function isTakenIn(image: Image, { adopt }: Rules): boolean {
  return image.node !== '' || adopt;
}

/** The first reason for which it stays; undefined: none. */
function whyItStays(
  node: string,
  image: Image,
  places: ReadonlyMap<Image, Place>,
  rules: Rules,
): Reason | undefined {
  const { createdMs, state } = image;
  const { nowMs, minAgeMs } = rules;
  if (image.notOurs !== undefined) return { kind: 'not-ours', why: image.notOurs };
  if (!isTakenIn(image, rules)) return { kind: 'untagged', node };
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
  if (createdMs > nowMs) return { kind: 'in-the-future' };
  const place = places.get(image);
  if (keep !== undefined && place !== undefined) {
    const { rank, verifiedRank } = place;
    if (image.verified && verifiedRank <= keep) return { kind: 'newest-verified', rank: verifiedRank, keep };
    if (rank <= keep) return { kind: 'newest', rank, keep };
  }
  if (nowMs - createdMs < minAgeMs) return { kind: 'young', minAgeMs };
  return whileRunGoesOn(image, rules);
}

function whileRunGoesOn({ run }: Image, { goingOn }: Rules): Reason | undefined {
  return goingOn.has(run) ? { kind: 'going-on', run } : undefined;
}

/** Only one that cleanup itself has disabled goes, when its time is over and the node has another one to launch. */
function whyDisabledStays(
  { state, verified, deleteAfterMs = NaN }: Image,
  places: ReadonlyMap<Image, Place>,
  keep: number | undefined,
  nowMs: number,
): Reason | undefined {
  if (Number.isNaN(deleteAfterMs)) return { kind: 'state', state };
  if (deleteAfterMs > nowMs) return { kind: 'disabled-until', until: new Date(deleteAfterMs).toISOString() };
  // What verify has passed is not replaced by what it has not.
  const replaces = [...places.keys()].some((image) => image.verified || !verified);
  return keep !== undefined && !replaces ? { kind: 'only-disabled' } : undefined;
}

function whyItGoes(node: string, image: Image, places: ReadonlyMap<Image, Place>, rules: Rules): Reason {
  if (image.state === 'disabled') return { kind: 'disabled-long-enough' };
  if (image.state === 'failed') return { kind: 'failed' };
  const keep = rules.keep.get(node);
  if (keep === undefined) return { kind: 'gone-node' };
  const place = places.get(image);
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
