import type {
  Image,
  Instance,
  KeyPairInfo,
  SecurityGroup,
  Snapshot,
  SpotInstanceRequest,
  Tag,
  Volume,
} from '@aws-sdk/client-ec2';
import { imageOf } from '../aws/images.ts';
import { tag, tagMap } from '../aws/tags.ts';
import type { Resource, ResourceType } from './resource.ts';

/** What EC2 knows of images, by image and by snapshot. */
interface KnownImages {
  /** The run whose image it is, or was made of; undefined: none's. */
  runOf: ReadonlyMap<string, string | undefined>;
  /** Who of this account maps it. */
  ofSnapshot: ReadonlyMap<string, readonly string[]>;
  /** Own images of which nobody can tell whether they come from a bake. */
  unknownOrigin?: ReadonlySet<string>;
  /** Snapshots of public images of other accounts. */
  publicSnapshots: ReadonlySet<string>;
}

/** Gathers what resources are compared with from images as EC2 describes them. */
export function knownImages(own: readonly Image[], others: readonly Image[] = []): KnownImages {
  const ofSnapshot = new Map<string, string[]>();
  for (const image of own) {
    for (const snapshot of snapshotsOfImage(image))
      ofSnapshot.set(snapshot, [...(ofSnapshot.get(snapshot) ?? []), image.ImageId ?? '']);
  }
  const all = new Map([...own, ...others].map((image) => [image.ImageId ?? '', image]));
  const origins = [...all].map(([id, image]) => [id, originOf(image, all)] as const);
  const runOf = new Map(origins.map(([id, origin]) => [id, origin === 'unknown' ? undefined : origin?.run]));
  const unknownOrigin = new Set(origins.flatMap(([id, origin]) => (origin === 'unknown' ? id : [])));
  const publicSnapshots = new Set(others.flatMap(snapshotsOfImage));
  return { runOf, unknownOrigin, ofSnapshot, publicSnapshots };
}

/**
 * The bake that an image comes from in the end: a backup of a server is made of that server's image, a server may be
 * restored from it, and a backup of that one is made of the backup. Undefined: from none; `unknown`: an image on the way is gone.
 */
function originOf(image: Image, all: ReadonlyMap<string, Image>): { run: string } | 'unknown' | undefined {
  const seen = new Set<Image>();
  for (let at = image; !seen.has(at);) {
    seen.add(at);
    const run = tagMap(at.Tags).get(tag.run);
    if (run !== undefined) return { run };
    if (at.SourceImageId === undefined || at.SourceImageId === '') return undefined;
    const source = all.get(at.SourceImageId);
    if (source === undefined) return at.Public === true ? undefined : 'unknown';
    at = source;
  }
  return 'unknown';
}

export function snapshotsOfImage({ BlockDeviceMappings: devices = [] }: Image): string[] {
  return devices.flatMap(({ Ebs: { SnapshotId: id } = {} }) => id ?? []);
}

export function instanceResource(instance: Instance, images: KnownImages): Resource {
  const { InstanceId: id, ImageId: imageId = '', KeyName: keyName, State: state } = instance;
  const originRun = images.runOf.get(imageId);
  return {
    ...base('instance', id, instance.Tags, instance.LaunchTime),
    ...defined({ state: state?.Name, keyName, originRun }),
    imageId,
    ...(images.runOf.has(imageId) && images.unknownOrigin?.has(imageId) !== true
      ? {}
      : { originUnknown: true }),
  };
}

/**
 * A volume. Tags of servers are copied to their volumes, and to those that are restored from backups: it is a bake's
 * only where it is made of an image's snapshot, or at the same time as the bake's machine.
 * @param isOfMachine whether it was made along with a machine of its bake
 */
export function volumeResource(volume: Volume, images: KnownImages, isOfMachine: boolean): Resource {
  const snapshot = volume.SnapshotId ?? '';
  const mapping = images.ofSnapshot.get(snapshot) ?? [];
  const isOfImage =
    mapping.some((id) => images.unknownOrigin?.has(id) !== true) || images.publicSnapshots.has(snapshot);
  const run = tagMap(volume.Tags).get(tag.run);
  // A bake may start from an image of ours, of an earlier run.
  const runs = mapping.map((id) => images.runOf.get(id)).filter((origin) => !isOfMachine || origin === run);
  return {
    ...base('volume', volume.VolumeId, volume.Tags, volume.CreateTime),
    ...defined({
      state: volume.State,
      instanceId: volume.Attachments?.[0]?.InstanceId,
      originRun: runs.find((run) => run !== undefined),
    }),
    ...(isOfImage || isOfMachine ? {} : { originUnknown: true }),
  };
}

export function snapshotResource(snapshot: Snapshot, images: KnownImages): Resource {
  const { SnapshotId: id = '', Description: description = '' } = snapshot;
  const [, instanceId, imageId = ''] =
    /^Created by CreateImage\((i-\w+)\)(?: for (ami-\w+))?/.exec(description) ?? [];
  // A pending image may not list its snapshots yet.
  const mapping = [...(images.ofSnapshot.get(id) ?? []), ...(images.runOf.has(imageId) ? [imageId] : [])];
  return {
    ...base('snapshot', id, snapshot.Tags, snapshot.StartTime),
    ...defined({ state: snapshot.State, instanceId }),
    description,
    imageIds: [...new Set(mapping)],
  };
}

export function imageResource(image: Image): Resource {
  const createdMs = Date.parse(image.CreationDate ?? '');
  return {
    ...base('image', image.ImageId, image.Tags, Number.isNaN(createdMs) ? undefined : new Date(createdMs)),
    ...defined({
      name: image.Name,
      state: image.State,
      instanceId: image.SourceInstanceId,
      notOurs: imageOf(image).notOurs,
    }),
  };
}

export function keyPairResource({ KeyPairId: id, KeyName: name, Tags, CreateTime }: KeyPairInfo): Resource {
  return { ...base('key-pair', id, Tags, CreateTime), ...defined({ name }) };
}

export function groupResource({ GroupId: id, GroupName: name, Tags }: SecurityGroup): Resource {
  return { ...base('security-group', id, Tags), ...defined({ name }) };
}

export function spotResource(request: SpotInstanceRequest, images: KnownImages): Resource {
  const { SpotInstanceRequestId: id, Tags, CreateTime, State: state, LaunchSpecification: launch } = request;
  const imageId = launch?.ImageId ?? '';
  const originRun = images.runOf.get(imageId);
  return {
    ...base('spot-request', id, Tags, CreateTime),
    ...defined({ state, keyName: launch?.KeyName, originRun }),
    ...(images.runOf.has(imageId) ? {} : { originUnknown: true }),
  };
}

function base(type: ResourceType, id = '', tags: Tag[] = [], created?: Date): Resource {
  const known = tagMap(tags);
  const untilMs = Date.parse(known.get(tag.until) ?? '');
  return {
    type,
    id,
    node: known.get(tag.node) ?? '',
    run: known.get(tag.run) ?? '',
    tags: Object.fromEntries(known),
    ...(Number.isNaN(untilMs) ? {} : { untilMs }),
    ...(created === undefined ? {} : { createdMs: created.getTime() }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
