import type { Cloud } from '../cloud.ts';
import { putTags } from '../api/tags.ts';
import { newId } from '../state/ids.ts';
import type { Image, State, Tags } from '../state/model.ts';
import { newSnapshot, putSnapshot } from './make-image.ts';

interface Copy {
  readonly name: string;
  readonly description: string;
  readonly clientToken: string | undefined;
  /** What a snapshot of the source is encrypted with in the copy. */
  readonly keyFor: (before: string | undefined) => { readonly kmsKeyId?: string };
  readonly tags: Tags;
  readonly snapshotTags: Tags;
}

type Source = Pick<State, 'account' | 'images' | 'snapshots'>;

/** Notes a copy of an image of any region, pending, with snapshots of its own that stand on the same layers; returns its id. */
export function beginCopy(
  { store, now }: Pick<Cloud, 'store' | 'now'>,
  source: Image,
  from: Source,
  copy: Copy,
): string {
  const id = newId('ami');
  const createdAt = now().toISOString();
  store.change((state) => {
    const mappings = source.mappings.map((mapping) => {
      const original = from.snapshots[mapping.snapshotId ?? ''];
      if (original === undefined) return mapping;
      const snapshot = newSnapshot({
        ownerId: state.account.id,
        // As on EC2: the copy is of no volume.
        volumeId: 'vol-ffffffff',
        size: original.size,
        description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id} for SourceSnapshot ${original.id}.`,
        layers: [...original.layers],
        startedAt: createdAt,
        ...copy.keyFor(original.kmsKeyId),
      });
      putSnapshot(state, { ...snapshot, state: 'pending' }, copy.snapshotTags);
      return { ...mapping, snapshotId: snapshot.id };
    });
    const image: Image = {
      ...source,
      id,
      name: copy.name,
      description: copy.description,
      ownerId: state.account.id,
      isPublic: false,
      launchUsers: [],
      state: 'pending',
      createdAt,
      mappings,
      sourceImageId: source.id,
      sourceImageRegion: from.account.region,
      copyToken: copy.clientToken,
    };
    // Who made the source, and how it is protected or deprecated, stays with it.
    for (const key of ['sourceInstanceId', 'protection', 'deprecatedAt'] as const)
      Reflect.deleteProperty(image, key);
    state.images[id] = image;
    putTags(state, id, copy.tags);
  });
  return id;
}

/** Ends a copy, at once or when it was ordered to: it is available then, or failed, as when its source has gone meanwhile. */
export function finishCopy(
  { store, copying }: Pick<Cloud, 'store' | 'copying'>,
  id: string,
  from: Source,
  failure: string | undefined,
): void {
  const end = () => {
    store.note((state) => {
      const image = state.images[id];
      if (image?.state !== 'pending') return;
      const gone = !Object.hasOwn(from.images, image.sourceImageId ?? '');
      endCopy(state, image, copying?.failure ?? failure ?? (gone ? sourceGone(image) : undefined));
    });
  };
  if (copying === undefined) end();
  else setTimeout(end, copying.seconds * 1000).unref();
}

function endCopy({ snapshots }: State, image: Image, failure: string | undefined): void {
  image.state = failure === undefined ? 'available' : 'failed';
  if (failure !== undefined) image.failure = failure;
  for (const { snapshotId = '' } of image.mappings) {
    const snapshot = snapshots[snapshotId];
    if (snapshot === undefined) continue;
    snapshot.state = failure === undefined ? 'completed' : 'error';
    if (failure !== undefined) snapshot.failure = failure;
  }
}

const sourceGone = ({ sourceImageId = '' }: Image) =>
  `Copy image failed: the source image ${sourceImageId} is not there any more`;
