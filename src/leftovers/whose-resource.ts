import { bearsOurTags, nodeByName, type NotOurs, strayTag, whySnapshotIsNotOurs } from '../aws/ours.ts';
import { tag } from '../aws/tags.ts';
import { keyPairName, proofKeyName, type Resource, type BakeName } from './resource.ts';

/** Why a resource must not be removed as a bake's, although it has a run's tag. */
export type NotOfBake =
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

/** No machine of a bake has them, but its image does: they are on a server because the image's tags were copied. */
const imageTags = [tag.digest, tag.inputs, tag.commit, tag.sourceAmi, tag.verified, tag.rejected];

/**
 * Why a resource with a run's tag is not a bake's: the image's tags are often copied to the servers that are
 * launched from it, to their volumes, and to the requests for them. Undefined: it is a bake's, or of the servers that verify launched.
 */
export function whyNotOfBake(resource: Resource): NotOfBake | undefined {
  if (tag.keep in resource.tags) return { kind: 'keep-tag' };
  switch (resource.type) {
    case 'image':
      return whyImageIsAPersons(resource);
    case 'snapshot':
      return whySnapshotIsAPersons(resource);
    case 'key-pair':
      return isBakeKey(resource, resource.name) ? undefined : { kind: 'own-name', name: resource.name ?? '' };
    case 'security-group':
      // What Packer calls those that it makes for a bake.
      return resource.name?.startsWith('packer_') === true
        ? undefined
        : { kind: 'own-name', name: resource.name ?? '' };
    case 'instance':
    case 'volume':
    case 'spot-request':
      return whyServers(resource);
  }
}

/** Packer 1.6 tags an image last: half made, it has its name and no tag at all. */
function whyImageIsAPersons(resource: Resource): NotOfBake | undefined {
  if (isPackersFirst(resource)) return undefined;
  const { name = '', node, tags, notOurs } = resource;
  if (notOurs !== undefined) return { kind: 'not-ours', why: notOurs };
  if (nodeByName(name) !== node) return { kind: 'own-name', name };
  return isUntagged(tags) || isTagged(tags) ? undefined : { kind: 'own-tags' };
}

/**
 * Whether an image is the one that Packer makes first where the image is to be encrypted, or to be in other regions only:
 * its name is random.AlphaNum(7). Packer 1.6 gives it no tags, its amazon plugin from 1.0.2 on the machine's.
 */
export function isPackersFirst({ name = '', tags, instanceId }: Resource): boolean {
  if (instanceId === undefined || !/^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{7}$/.test(name)) return false;
  const hasMachines = tag.node in tags && tag.run in tags && !imageTags.some((key) => key in tags);
  return isUntagged(tags) || hasMachines;
}

function whySnapshotIsAPersons({ tags, description = '' }: Resource): NotOfBake | undefined {
  const why = whySnapshotIsNotOurs({ description, strayTag: strayTag(Object.keys(tags)) });
  if (why !== undefined) return { kind: 'not-ours', why };
  return isUntagged(tags) || isTagged(tags) ? undefined : { kind: 'own-tags' };
}

function isUntagged(tags: Resource['tags']): boolean {
  return Object.keys(tags).length === 0;
}

function isTagged(tags: Resource['tags']): boolean {
  return bearsOurTags({ has: (key) => key in tags });
}

/** Why an instance, a volume or a request for one belongs to a server. */
function whyServers(resource: Resource): NotOfBake | undefined {
  const group = groupTags.find(
    (key) => key in resource.tags && !(key === 'aws:ec2:fleet-id' && hasBakeKey(resource)),
  );
  if (group !== undefined) return { kind: 'in-group', tag: group };
  const copied = imageTags.find((key) => key in resource.tags);
  if (copied !== undefined) return { kind: 'tags-of-image', tag: copied };
  if (tag.proof in resource.tags) return undefined;
  const { originRun } = resource;
  // A bake may start from an image of ours, of an earlier run: its machine has the bake's key.
  if (originRun !== undefined && (originRun === resource.run || !hasBakeKey(resource)))
    return { kind: 'launched-from-image', run: originRun };
  return resource.originUnknown === true && !hasBakeKey(resource) ? { kind: 'origin-unknown' } : undefined;
}

/** What Packer calls a key by itself, where a person runs it without a run. */
const byHand = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** No server has a key of that name: the key goes with the bake. People name keys of their own `bakehouse-…`, too. */
function hasBakeKey(resource: Resource): boolean {
  return isBakeKey(resource, resource.keyName);
}

function isBakeKey({ node, run, type }: Resource, name: string | undefined): boolean {
  if (name === undefined) return false;
  if (type === 'key-pair' && name === proofKeyName({ node, run })) return true;
  const start = keyPairName({ node, run: '' });
  return name === start + run || (name.startsWith(start) && byHand.test(name.slice(start.length)));
}

/**
 * Tells which bakes may have made a resource: by its tag; without one, an image or a snapshot by the instance that it was
 * made of, a key pair by its name. That is compared with whole names of known bakes, never by its beginning, and may
 * fit several: `bakehouse-a-b-c` is run `b-c` of node `a` or run `c` of node `a-b`. None: it is not ours.
 * @param more nodes and runs that are known from elsewhere
 */
export function bakesOf(
  resources: readonly Resource[],
  more: { runs: readonly string[]; nodes: readonly string[] },
): (resource: Resource) => BakeName[] {
  const tagged = resources.filter(({ tags }) => tag.run in tags);
  const machines = new Map(
    tagged
      .filter((resource) => resource.type === 'instance' && isOfBake(resource))
      .map((resource) => [resource.id, resource]),
  );
  const names = new Map<string, BakeName[]>();
  const asked = more.runs.flatMap((run) => more.nodes.map((node) => ({ node, run })));
  for (const { node, run } of [...tagged, ...asked]) {
    if (node === '' || run === '') continue;
    for (const name of [keyPairName({ node, run }), proofKeyName({ node, run })]) {
      const known = names.get(name) ?? [];
      if (known.some((other) => other.node === node && other.run === run)) continue;
      names.set(name, [...known, { node, run }].sort(byName));
    }
  }
  return ({ type, name = '', node, run, tags, instanceId = '' }) => {
    if (tag.run in tags) return [{ node, run }];
    if (type === 'key-pair') return names.get(name) ?? [];
    const machine = type === 'image' || type === 'snapshot' ? machines.get(instanceId) : undefined;
    return machine === undefined ? [] : [{ node: machine.node, run: machine.run }];
  };
}

function isOfBake(resource: Resource): boolean {
  const why = whyNotOfBake(resource)?.kind;
  return why === undefined || why === 'keep-tag';
}

function byName(a: BakeName, b: BakeName): number {
  const [left, right] = [`${a.run}\0${a.node}`, `${b.run}\0${b.node}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
