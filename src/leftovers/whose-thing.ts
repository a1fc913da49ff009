import { bearsOurTags, nodeByName, type NotOurs, strayTag, whySnapshotIsNotOurs } from '../aws/ours.ts';
import { tag } from '../aws/tags.ts';
import { keyPairName, proofKeyName, type Thing } from './thing.ts';

/** Why a thing is not a bake's to lose, though it bears a run's tag. */
export type NotABakes =
  | { kind: 'keep-tag' }
  | { kind: 'in-group'; tag: string }
  | { kind: 'tags-of-image'; tag: string }
  | { kind: 'launched-from-image'; run: string }
  | { kind: 'origin-unknown' }
  | { kind: 'not-ours'; why: NotOurs }
  /** A name or tags that a person gave: a bake gives it others. */
  | { kind: 'own-name'; name: string }
  | { kind: 'own-tags' };

/** On all that EC2 launches for a group of servers; Packer's own spot instance is in a fleet, too. */
const groupTags = ['aws:autoscaling:groupName', 'aws:ec2spot:fleet-request-id', 'aws:ec2:fleet-id'];

/** No machine of a bake bears them, but its image does: they are on a server because the image's tags were copied. */
const imageTags = [tag.digest, tag.inputs, tag.commit, tag.sourceAmi, tag.verified, tag.rejected];

/**
 * Why a thing that bears a run's tag is not a bake's: the image's tags are often copied to the servers that are
 * launched from it, to their volumes, and to the requests for them. Undefined: it is a bake's, or of the servers that verify launched.
 */
export function whyNotABakes(thing: Thing): NotABakes | undefined {
  if (tag.keep in thing.tags) return { kind: 'keep-tag' };
  switch (thing.type) {
    case 'image':
      return whyImageIsAPersons(thing);
    case 'snapshot':
      return whySnapshotIsAPersons(thing);
    case 'key-pair':
      return isBakeKey(thing, thing.name) ? undefined : { kind: 'own-name', name: thing.name ?? '' };
    case 'security-group':
      // What Packer calls those that it makes for a bake.
      return thing.name?.startsWith('packer_') === true
        ? undefined
        : { kind: 'own-name', name: thing.name ?? '' };
    case 'instance':
    case 'volume':
    case 'spot-request':
      return whyServers(thing);
  }
}

/** Packer tags an image last: half made, it has its name and no tag at all. */
function whyImageIsAPersons({ name = '', node, tags, notOurs }: Thing): NotABakes | undefined {
  if (notOurs !== undefined) return { kind: 'not-ours', why: notOurs };
  // What Packer first makes of an image that is to be encrypted, or to be in other regions only (random.AlphaNum(7)).
  const isPackersOwn = isUntagged(tags) && /^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{7}$/.test(name);
  if (nodeByName(name) !== node && !isPackersOwn) return { kind: 'own-name', name };
  return isUntagged(tags) || isTagged(tags) ? undefined : { kind: 'own-tags' };
}

function whySnapshotIsAPersons({ tags, description = '' }: Thing): NotABakes | undefined {
  const why = whySnapshotIsNotOurs({ description, strayTag: strayTag(Object.keys(tags)) });
  if (why !== undefined) return { kind: 'not-ours', why };
  return isUntagged(tags) || isTagged(tags) ? undefined : { kind: 'own-tags' };
}

function isUntagged(tags: Thing['tags']): boolean {
  return Object.keys(tags).length === 0;
}

function isTagged(tags: Thing['tags']): boolean {
  return bearsOurTags({ has: (key) => key in tags });
}

/** Why an instance, a volume or a request for one belongs to a server. */
function whyServers(thing: Thing): NotABakes | undefined {
  const group = groupTags.find(
    (key) => key in thing.tags && !(key === 'aws:ec2:fleet-id' && hasBakeKey(thing)),
  );
  if (group !== undefined) return { kind: 'in-group', tag: group };
  const copied = imageTags.find((key) => key in thing.tags);
  if (copied !== undefined) return { kind: 'tags-of-image', tag: copied };
  if (tag.proof in thing.tags) return undefined;
  const { originRun } = thing;
  // A bake may start from an image of ours, of an earlier run: its machine has the bake's key.
  if (originRun !== undefined && (originRun === thing.run || !hasBakeKey(thing)))
    return { kind: 'launched-from-image', run: originRun };
  return thing.originUnknown === true && !hasBakeKey(thing) ? { kind: 'origin-unknown' } : undefined;
}

/** What Packer calls a key by itself, where a person runs it without a run. */
const byHand = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** No server has a key of that name: the key goes with the bake. People name keys of their own `bakehouse-…`, too. */
function hasBakeKey(thing: Thing): boolean {
  return isBakeKey(thing, thing.keyName);
}

function isBakeKey({ node, run, type }: Thing, name: string | undefined): boolean {
  if (name === undefined) return false;
  if (type === 'key-pair' && name === proofKeyName({ node, run })) return true;
  const start = keyPairName({ node, run: '' });
  return name === start + run || (name.startsWith(start) && byHand.test(name.slice(start.length)));
}
