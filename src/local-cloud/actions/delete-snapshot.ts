import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { ownSnapshot } from '../api/own-snapshot.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { forgetSnapshots, freeLayers, imagesOn } from '../images/remove-snapshots.ts';

export const deleteSnapshot = write(
  { SnapshotId: required(text) },
  ({ SnapshotId }, cloud: Pick<Cloud, 'store' | 'machines'>) => {
    const { id } = ownSnapshot(cloud.store.state, SnapshotId);
    const [image] = imagesOn(cloud.store.state, id);
    if (image !== undefined) {
      throw new Fault('InvalidSnapshot.InUse', `The snapshot ${id} is currently in use by ${image}`);
    }
    return async () => {
      cloud.store.release((state) => {
        forgetSnapshots(state, [id]);
      });
      await freeLayers(cloud);
      return { return: true };
    };
  },
);
