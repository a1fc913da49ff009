import { snapshotAnswer } from '../answers/snapshot.ts';
import { write } from '../api/action.ts';
import { encryption } from '../api/encryption.ts';
import { find } from '../api/resource-ids.ts';
import { required, text } from '../api/shapes.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { newSnapshot, putSnapshot } from '../images/make-image.ts';

export const createSnapshot = write(
  { VolumeId: required(text), Description: text, TagSpecification: tagSpecificationShape },
  async (
    { VolumeId, Description, TagSpecification },
    cloud: Pick<Cloud, 'store' | 'machines' | 'room' | 'now'>,
  ) => {
    const { store, machines, room, now } = cloud;
    const volume = find(store.state.volumes, 'volume', VolumeId);
    const tags = readTagSpecifications(TagSpecification, 'snapshot')('snapshot');
    await room.assert();
    return async () => {
      const snapshot = newSnapshot({
        ownerId: store.state.account.id,
        volumeId: volume.id,
        size: volume.size,
        description: Description ?? '',
        layers: [],
        startedAt: now().toISOString(),
        ...encryption(store.state, volume.kmsKeyId),
      });
      // A running machine keeps running, as on EC2: what it has not written yet is not in the snapshot.
      await machines.capture(volume.id, 'live', (layers) => {
        putSnapshot(store.state, { ...snapshot, layers }, tags);
      });
      return snapshotAnswer(snapshot, store.state.tags);
    };
  },
);
