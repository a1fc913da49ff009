import type { Image } from './list-images.ts';
import type { Reference, References } from './references/reference.ts';

/** Why an image stays or goes; `sentence` says it to a person. */
export type Reason =
  // It stays:
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
export class KeepError extends Error {
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

/** `redis` of `redis-1767225600`: the node of an image by the name scheme, should there be such a node. */
export function nodeByName(name: string): string | undefined {
  return /^(.+)-\d{10}$/.exec(name)?.[1];
}

/**
 * Decides for each image that is a bake's, or looks like it, whether it stays. What uses or protects an image comes
 * first; then whether it can be judged at all; then, per node, the newest N verified stay and the newest N of all.
 * Only images that are available and not rejected, of a known date that is not in the future, take a place among
 * those. See {@link Reason} for all that there is.
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

/** The images of each node, the newest first. Images that are none of a bake's are left out. */
function byNode(images: readonly Image[], rules: Rules): [string, Image[]][] {
  const nodes = new Map<string, Image[]>();
  for (const image of images) {
    const node = image.node === '' ? claimedNode(image, rules) : image.node;
    if (node === undefined) continue;
    const ofNode = nodes.get(node);
    if (ofNode === undefined) nodes.set(node, [image]);
    else ofNode.push(image);
  }
  for (const ofNode of nodes.values()) ofNode.sort(newestFirst);
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

function placesOf(ofNode: readonly Image[], rules: Rules): Map<Image, Place> {
  const places = new Map<Image, Place>();
  let verifiedRank = 0;
  for (const image of ofNode) {
    if (!takesPlace(image, rules)) continue;
    if (image.verified) verifiedRank++;
    places.set(image, { rank: places.size + 1, verifiedRank });
  }
  return places;
}

function takesPlace(image: Image, rules: Rules): boolean {
  const { state, createdMs, rejected } = image;
  const dated = createdMs !== undefined && createdMs <= rules.nowMs;
  return state === 'available' && !rejected && dated && isTakenIn(image, rules);
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
  if (!isTakenIn(image, rules)) return { kind: 'untagged', node };
  const users = rules.references.get(image.id) ?? [];
  if (users.length > 0) return { kind: 'in-use', users };
  if (image.keepTag) return { kind: 'keep-tag' };
  if (image.protection !== undefined) return { kind: 'protected', how: image.protection };
  const keep = rules.keep.get(node);
  if (keep === undefined && !rules.gone) return { kind: 'unknown-node' };
  const goesOn = rules.goingOn.has(image.run) ? { kind: 'going-on' as const, run: image.run } : undefined;
  if (state === 'disabled') return whyDisabledStays(image, places, keep, nowMs) ?? goesOn;
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
  return goesOn;
}

/** Only one that cleanup itself has disabled goes, when its time is over and the node has another one to launch. */
function whyDisabledStays(
  { state, deleteAfterMs = NaN }: Image,
  places: ReadonlyMap<Image, Place>,
  keep: number | undefined,
  nowMs: number,
): Reason | undefined {
  if (Number.isNaN(deleteAfterMs)) return { kind: 'state', state };
  if (deleteAfterMs > nowMs) return { kind: 'disabled-until', until: new Date(deleteAfterMs).toISOString() };
  return keep !== undefined && places.size === 0 ? { kind: 'only-disabled' } : undefined;
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

/** By id where the time is the same, so that every run decides alike. */
function newestFirst(a: Image, b: Image): number {
  return (b.createdMs ?? -Infinity) - (a.createdMs ?? -Infinity) || compare(b.id, a.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
