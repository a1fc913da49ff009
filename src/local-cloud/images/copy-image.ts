import type { Cloud } from '../cloud.ts';
import { putTags } from '../api/tags.ts';
import { newId } from '../state/ids.ts';
import type { Image, State, Tags } from '../state/model.ts';
import { newSnapshot, putSnapshot } from './make-image.ts';

interface Copy {
  readonly name: string;
  readonly description: string;
  readonly tags: Tags;
  readonly snapshotTags: Tags;
}

/** Notes a copy of an image of any region, with snapshots of its own that stand on the same layers; returns its id. */
export function putCopy(
  { store, now }: Pick<Cloud, 'store' | 'now'>,
  source: Image,
  from: Pick<State, 'account' | 'snapshots'>,
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
      });
      putSnapshot(state, snapshot, copy.snapshotTags);
      return { ...mapping, snapshotId: snapshot.id };
    });
    state.images[id] = {
      ...source,
      id,
      name: copy.name,
      description: copy.description,
      ownerId: state.account.id,
      isPublic: false,
      launchUsers: [],
      createdAt,
      mappings,
      sourceImageId: source.id,
      sourceImageRegion: from.account.region,
    };
    // Who made the source, and how it is protected or deprecated, stays with it.
    for (const key of ['sourceInstanceId', 'protection', 'deprecatedAt'] as const)
      Reflect.deleteProperty(state.images[id], key);
    putTags(state, id, copy.tags);
  });
  return id;
}
