import { tag } from '../tags.ts';
import { keyPairName, type Thing } from './thing.ts';

/** Why a thing is not a bake's to lose, though it bears a run's tag. */
export type NotABakes =
  | { kind: 'keep-tag' }
  | { kind: 'in-group'; tag: string }
  | { kind: 'tags-of-image'; tag: string }
  | { kind: 'launched-from-image'; run: string }
  | { kind: 'origin-unknown' }
  | { kind: 'not-by-bake' };

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
  if (thing.type === 'snapshot') return byCreateImage(thing) ? undefined : { kind: 'not-by-bake' };
  if (thing.type !== 'instance' && thing.type !== 'volume' && thing.type !== 'spot-request') return undefined;
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
function hasBakeKey({ node, run, keyName }: Thing): boolean {
  if (keyName === undefined) return false;
  const start = keyPairName({ node, run: '' });
  return keyName === start + run || (keyName.startsWith(start) && byHand.test(keyName.slice(start.length)));
}

/** Others tag snapshots, too: a backup of a server may bear all the tags that its volume has. */
function byCreateImage({ tags, description = '' }: Thing): boolean {
  const aws = Object.keys(tags).some((key) => key.startsWith('aws:'));
  return !aws && /^(?:Created by CreateImage\(i-|Copied for DestinationAmi ami-)/.test(description);
}
