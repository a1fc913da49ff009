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
import { tag, tagMap } from '../tags.ts';
import type { Thing, ThingType } from './thing.ts';

/** What EC2 knows of images, by image and by snapshot: the run tag (undefined: bears none), and who maps what. */
export interface KnownImages {
  runOf: ReadonlyMap<string, string | undefined>;
  ofSnapshot: ReadonlyMap<string, readonly string[]>;
}

/** Gathers what things are compared with from images as EC2 describes them. */
export function knownImages(own: readonly Image[], others: readonly Image[] = []): KnownImages {
  const ofSnapshot = new Map<string, string[]>();
  for (const { ImageId: id = '', BlockDeviceMappings: devices = [] } of own) {
    for (const { Ebs: { SnapshotId: snapshot } = {} } of devices) {
      if (snapshot !== undefined) ofSnapshot.set(snapshot, [...(ofSnapshot.get(snapshot) ?? []), id]);
    }
  }
  const runOf = new Map(
    [...own, ...others].map((image) => [image.ImageId ?? '', tagMap(image.Tags).get(tag.run)]),
  );
  return { runOf, ofSnapshot };
}

export function instanceThing(instance: Instance, images: KnownImages): Thing {
  const { InstanceId: id, ImageId: imageId = '', KeyName: keyName, State: state } = instance;
  const originRun = images.runOf.get(imageId);
  return {
    ...base('instance', id, instance.Tags, instance.LaunchTime),
    ...defined({ state: state?.Name, keyName, originRun }),
    imageId,
    ...(images.runOf.has(imageId) ? {} : { originUnknown: true }),
  };
}

export function volumeThing(volume: Volume, images: KnownImages): Thing {
  const snapshot = volume.SnapshotId ?? '';
  const runs = (images.ofSnapshot.get(snapshot) ?? []).map((id) => images.runOf.get(id));
  return {
    ...base('volume', volume.VolumeId, volume.Tags, volume.CreateTime),
    ...defined({
      state: volume.State,
      instanceId: volume.Attachments?.[0]?.InstanceId,
      originRun: runs.find((run) => run !== undefined),
    }),
  };
}

export function snapshotThing(snapshot: Snapshot, images: KnownImages): Thing {
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

export function imageThing(image: Image): Thing {
  const createdMs = Date.parse(image.CreationDate ?? '');
  return {
    ...base('image', image.ImageId, image.Tags, Number.isNaN(createdMs) ? undefined : new Date(createdMs)),
    ...defined({ name: image.Name, state: image.State, instanceId: image.SourceInstanceId }),
  };
}

export function keyPairThing({ KeyPairId: id, KeyName: name, Tags, CreateTime }: KeyPairInfo): Thing {
  return { ...base('key-pair', id, Tags, CreateTime), ...defined({ name }) };
}

export function groupThing({ GroupId: id, GroupName: name, Tags }: SecurityGroup): Thing {
  return { ...base('security-group', id, Tags), ...defined({ name }) };
}

export function spotThing(request: SpotInstanceRequest, images: KnownImages): Thing {
  const { SpotInstanceRequestId: id, Tags, CreateTime, State: state, LaunchSpecification: launch } = request;
  const originRun = images.runOf.get(launch?.ImageId ?? '');
  return {
    ...base('spot-request', id, Tags, CreateTime),
    ...defined({ state, keyName: launch?.KeyName, originRun }),
  };
}

function base(type: ThingType, id = '', tags: Tag[] = [], created?: Date): Thing {
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
