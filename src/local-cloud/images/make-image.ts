import type { Cloud } from '../cloud.ts';
import { encryption } from '../api/encryption.ts';
import { putTags } from '../api/tags.ts';
import { newId } from '../state/ids.ts';
import type { Image, ImageMapping, Instance, Snapshot, State, Tags, Volume } from '../state/model.ts';

interface NewImage {
  readonly name: string;
  readonly description: string | undefined;
  readonly instance: Instance;
  readonly mapping: ImageMapping;
  readonly tags: Tags;
}

/** How an image maps the root volume that it is made from. */
export function mappingOf(volume: Volume, deviceName: string): ImageMapping {
  const { size, type, iops, throughput, attachment } = volume;
  return {
    deviceName,
    size,
    type,
    ...(iops === undefined ? {} : { iops }),
    ...(throughput === undefined ? {} : { throughput }),
    deleteOnTermination: attachment?.deleteOnTermination ?? true,
  };
}

/** Notes a pending image of an instance, and returns its id. */
export function beginImage({ store, now }: Pick<Cloud, 'store' | 'now'>, asked: NewImage): string {
  const { instance } = asked;
  const id = newId('ami');
  store.change((state) => {
    state.images[id] = {
      id,
      name: asked.name,
      description: asked.description ?? '',
      ownerId: state.account.id,
      isPublic: false,
      launchUsers: [],
      state: 'pending',
      rootDeviceName: instance.rootDeviceName,
      createdAt: now().toISOString(),
      mappings: [asked.mapping],
      sourceInstanceId: instance.id,
      sourceImageId: instance.imageId,
      imdsV2Only: state.images[instance.imageId]?.imdsV2Only ?? false,
      enaSupport: instance.enaSupport,
      sriovNetSupport: instance.sriovNetSupport,
    };
    putTags(state, id, asked.tags);
  });
  return id;
}

/** Makes the image's snapshot as soon as the instance's disk is at rest, and the image available, or failed. */
export function finishImage(
  { store, machines, now, warn }: Pick<Cloud, 'store' | 'machines' | 'now' | 'warn'>,
  imageId: string,
  instance: Instance,
  how: 'rest' | 'live',
  snapshotTags: Tags,
): void {
  const volumeId = instance.rootVolumeId;
  const done = machines.capture(volumeId, how, (layers) => {
    const image = store.state.images[imageId];
    const volume = store.state.volumes[volumeId];
    if (image === undefined || volume === undefined) throw new Error('the image was deregistered meanwhile');
    const snapshot = newSnapshot({
      ownerId: store.state.account.id,
      volumeId,
      size: volume.size,
      description: `Created by CreateImage(${instance.id}) for ${imageId}`,
      layers,
      startedAt: now().toISOString(),
      ...encryption(store.state, volume.kmsKeyId),
    });
    putSnapshot(store.state, snapshot, snapshotTags);
    image.mappings = image.mappings.map((mapping) => ({ ...mapping, snapshotId: snapshot.id }));
    image.state = 'available';
  });
  done.catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    warn(`${imageId} of ${instance.id} failed: ${message}`);
    store.note(({ images }) => {
      const image = images[imageId];
      if (image?.state === 'pending')
        Object.assign(image, { state: 'failed', failure: message } satisfies Partial<Image>);
    });
  });
}

/** A finished snapshot, private to its owner. */
export function newSnapshot(
  parts: Pick<
    Snapshot,
    'ownerId' | 'volumeId' | 'size' | 'description' | 'layers' | 'startedAt' | 'kmsKeyId'
  >,
): Snapshot {
  return { id: newId('snap'), ...parts, state: 'completed', isPublic: false, users: [] };
}

/** Notes a snapshot and the tags that it is born with. */
export function putSnapshot(state: State, snapshot: Snapshot, tags: Tags): void {
  state.snapshots[snapshot.id] = snapshot;
  putTags(state, snapshot.id, tags);
}
