import type {
  Filter,
  Image,
  Instance,
  KeyPairInfo,
  Reservation,
  SecurityGroup,
  Snapshot,
  SpotInstanceRequest,
  Volume,
} from '@aws-sdk/client-ec2';
import { codeOf, malformed } from '../aws/ec2-failure.ts';
import { collectPages, type Page, inParts } from '../aws/answers.ts';
import { tag, tagMap } from '../aws/tags.ts';
import {
  groupResource,
  imageResource,
  instanceResource,
  keyPairResource,
  knownImages,
  snapshotsOfImage,
  snapshotResource,
  spotResource,
  volumeResource,
} from './read-resources.ts';
import type { BakeName, Resource } from './resource.ts';
import { whyNotOfBake } from './whose-resource.ts';

/** What all calls have in common. */
interface Query {
  Filters: Filter[];
  MaxResults: number;
  NextToken?: string;
}
type Ask<Q, T> = (query: Q) => Promise<T & Page>;

/** The calls that resources are found with, one page each. */
export interface ResourceCalls {
  instances: Ask<Query, { Reservations?: Reservation[] | undefined }>;
  volumes: Ask<Query, { Volumes?: Volume[] | undefined }>;
  groups: Ask<Query, { SecurityGroups?: SecurityGroup[] | undefined }>;
  spotRequests: Ask<Query, { SpotInstanceRequests?: SpotInstanceRequest[] | undefined }>;
  snapshots: Ask<Query & { OwnerIds: string[] }, { Snapshots?: Snapshot[] | undefined }>;
  images: Ask<
    Query & { Owners?: string[]; IncludeDisabled: boolean; IncludeDeprecated: boolean },
    { Images?: Image[] | undefined }
  >;
  /** All of the account: EC2 has no pages of them. */
  keyPairs: (query: { Filters?: Filter[] }) => Promise<{ KeyPairs?: KeyPairInfo[] | undefined }>;
}

const pageSize = 500;
/** EC2 takes 200 values in a filter. */
const valuesAtOnce = 100;
const everyImage = { IncludeDisabled: true, IncludeDeprecated: true };

/**
 * All resources with a run's tag, and untagged ones that may belong to them: images and snapshots made of its instances,
 * and the account's key pairs, which may be a bake's by their names.
 * @param bake only what this bake made
 * @throws whatever a call throws: what cannot be read may be in use.
 */
export async function findResources(calls: ResourceCalls, bake?: BakeName): Promise<Resource[]> {
  const tagged: Filter[] =
    bake === undefined
      ? [{ Name: 'tag-key', Values: [tag.run] }]
      : [
          { Name: `tag:${tag.run}`, Values: [bake.run] },
          { Name: `tag:${tag.node}`, Values: [bake.node] },
        ];
  const byTag: Query = { Filters: tagged, MaxResults: pageSize };
  const machines = await instancesOf(calls, tagged);
  const ids = new Set(machines.map(({ InstanceId: id = '' }) => id));
  const own = await imagesOf(calls, { Owners: ['self'], Filters: [] });
  const volumes = await volumesOf(calls, byTag);
  const images = knownImages(own, await foreignOrigins(calls, { machines, volumes }, own));
  const instances = machines.map((instance) => instanceResource(instance, images));
  const ours = own.filter(({ Tags, SourceInstanceId: source = '' }) => {
    const tags = tagMap(Tags);
    if (!tags.has(tag.run)) return ids.has(source);
    return bake === undefined || (tags.get(tag.run) === bake.run && tags.get(tag.node) === bake.node);
  });
  const groups = await groupsOf(calls, byTag);
  const keys = await keyPairsOf(calls, {});
  const snapshots = await snapshotsOf(calls, tagged, [...ids]);
  const found = [
    ...(await spotRequestsOf(calls, byTag)).map((request) => spotResource(request, images)),
    ...ours.map(imageResource),
    ...instances,
    ...snapshots.map((snapshot) => snapshotResource(snapshot, images)),
    ...volumes.map((volume) => volumeResource(volume, images, isOfMachine(volume, instances))),
    ...keys
      .map(keyPairResource)
      .filter(
        ({ run, node }) => bake === undefined || run === '' || (run === bake.run && node === bake.node),
      ),
    ...groups.map(groupResource),
  ];
  // What is made between two pages may be on both.
  return [...new Map(found.map((resource) => [resource.id, resource])).values()];
}

/** A resource as it is now, but for what it was made of; undefined: it is gone. */
export async function findResource(
  calls: ResourceCalls,
  { type, id }: Resource,
): Promise<Resource | undefined> {
  const by = (Name: string): Query => ({ Filters: [{ Name, Values: [id] }], MaxResults: pageSize });
  switch (type) {
    case 'spot-request': {
      const requests = await spotRequestsOf(calls, by('spot-instance-request-id'));
      return requests.map((request) => spotResource(request, knownImages([])))[0];
    }
    case 'image': {
      const [found] = await imagesOf(calls, { Owners: ['self'], ...by('image-id') });
      if (found === undefined) return undefined;
      const servers = found.State === 'available' ? await instancesOf(calls, by('image-id').Filters) : [];
      const user = servers.find(({ State: state }) => state?.Name !== 'terminated')?.InstanceId;
      return { ...imageResource(found), ...(user === undefined ? {} : { usedBy: user }) };
    }
    case 'instance': {
      const machines = await instancesOf(calls, by('instance-id').Filters);
      return machines.map((instance) => instanceResource(instance, knownImages([])))[0];
    }
    case 'snapshot': {
      const mapping = await imagesOf(calls, {
        Owners: ['self'],
        ...by('block-device-mapping.snapshot-id'),
      });
      const found = await snapshotsBy(calls, by('snapshot-id').Filters);
      return found.map((snapshot) => snapshotResource(snapshot, knownImages(mapping)))[0];
    }
    case 'volume': {
      const found = await volumesOf(calls, by('volume-id'));
      return found.map((volume) => volumeResource(volume, knownImages([]), true))[0];
    }
    case 'key-pair':
      return (await keyPairsOf(calls, { Filters: by('key-pair-id').Filters })).map(keyPairResource)[0];
    case 'security-group':
      return (await groupsOf(calls, by('group-id'))).map(groupResource)[0];
  }
}

async function instancesOf(calls: ResourceCalls, filters: Filter[]): Promise<Instance[]> {
  const reservations = await collectPages(
    (next) => calls.instances({ Filters: filters, MaxResults: pageSize, ...next }),
    ({ Reservations: page }) => page,
    'DescribeInstances',
  );
  return reservations.flatMap(({ Instances: found = [] }) => found);
}

async function imagesOf(
  calls: ResourceCalls,
  query: { Owners?: string[]; Filters: Filter[] },
): Promise<Image[]> {
  return collectPages(
    (next) => calls.images({ ...query, ...everyImage, MaxResults: pageSize, ...next }),
    ({ Images: page }) => page,
    'DescribeImages',
  );
}

async function volumesOf(calls: ResourceCalls, query: Query): Promise<Volume[]> {
  return collectPages(
    (next) => calls.volumes({ ...query, ...next }),
    ({ Volumes: page }) => page,
    'DescribeVolumes',
  );
}

async function groupsOf(calls: ResourceCalls, query: Query): Promise<SecurityGroup[]> {
  return collectPages(
    (next) => calls.groups({ ...query, ...next }),
    ({ SecurityGroups: page }) => page,
    'DescribeSecurityGroups',
  );
}

async function snapshotsBy(calls: ResourceCalls, filters: Filter[]): Promise<Snapshot[]> {
  return collectPages(
    (next) => calls.snapshots({ OwnerIds: ['self'], Filters: filters, MaxResults: pageSize, ...next }),
    ({ Snapshots: page }) => page,
    'DescribeSnapshots',
  );
}

async function keyPairsOf(calls: ResourceCalls, query: { Filters?: Filter[] }): Promise<KeyPairInfo[]> {
  const { KeyPairs: all } = await calls.keyPairs(query);
  if (all === undefined) throw malformed('DescribeKeyPairs');
  return all;
}

/** How long after its machine a volume is made at the most. */
const launchMs = 10 * 60_000;

/** Whether a volume was made when a machine of its bake, or a server of verify, was launched. */
function isOfMachine(
  { Tags, CreateTime: created, Attachments: to = [] }: Volume,
  machines: readonly Resource[],
) {
  const tags = tagMap(Tags);
  const createdMs = created?.getTime() ?? Number.NaN;
  return machines.some((machine) => {
    if (whyNotOfBake(machine) !== undefined) return false;
    if (to.some(({ InstanceId: id }) => id === machine.id)) return true;
    const isOfBake = machine.run === tags.get(tag.run) && machine.node === tags.get(tag.node);
    return isOfBake && Math.abs(createdMs - (machine.createdMs ?? Number.NaN)) <= launchMs;
  });
}

/**
 * The images of other accounts that the instances were launched from, and the volumes made of, as far as they are still
 * there and public. One that is shared with us may be a bake's: EC2 does not show us the tags that its owner gave it.
 */
async function foreignOrigins(
  calls: ResourceCalls,
  { machines, volumes }: { machines: readonly Instance[]; volumes: readonly Volume[] },
  own: readonly Image[],
): Promise<Image[]> {
  const known = new Set(own.flatMap((image) => [image.ImageId ?? '', ...snapshotsOfImage(image)]));
  const unknown = (ids: (string | undefined)[]) =>
    inParts(
      [...new Set(ids)].filter((id): id is string => id !== undefined && id !== '' && !known.has(id)),
      valuesAtOnce,
    );
  const filters = [
    ...unknown(machines.map(({ ImageId: id }) => id)).map((Values) => ({ Name: 'image-id', Values })),
    ...unknown(volumes.map(({ SnapshotId: id }) => id)).map((Values) => ({
      Name: 'block-device-mapping.snapshot-id',
      Values,
    })),
  ];
  const found: Image[] = [];
  for (const filter of filters) found.push(...(await imagesOf(calls, { Filters: [filter] })));
  return found.filter(({ Public: isPublic }) => isPublic === true);
}

/** By tag, and by what CreateImage writes on them: a snapshot of an image that was cut off has nothing else. */
async function snapshotsOf(calls: ResourceCalls, tagged: Filter[], machines: string[]): Promise<Snapshot[]> {
  const created = inParts(machines, valuesAtOnce).map((ids) => [
    { Name: 'description', Values: ids.map((id) => `Created by CreateImage(${id})*`) },
  ]);
  const found: Snapshot[] = [];
  for (const filters of [tagged, ...created]) {
    found.push(...(await snapshotsBy(calls, filters)));
  }
  return found;
}

async function spotRequestsOf(calls: ResourceCalls, query: Query): Promise<SpotInstanceRequest[]> {
  try {
    return await collectPages(
      (next) => calls.spotRequests({ ...query, ...next }),
      ({ SpotInstanceRequests: page }) => page,
      'DescribeSpotInstanceRequests',
    );
  } catch (error) {
    // An EC2 that does not know the call at all, as other makers' do not, has no such requests. AWS knows it.
    if (codeOf(error) === 'InvalidAction') return [];
    throw error;
  }
}
