import { write } from '../api/action.ts';
import { ownImage } from '../api/image-names.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { forgetSnapshots, freeLayers, imagesOn } from '../images/remove-snapshots.ts';

export const deregisterImage = write(
  { ImageId: required(text), DeleteAssociatedSnapshots: flag },
  ({ ImageId, DeleteAssociatedSnapshots }, cloud: Pick<Cloud, 'store' | 'machines'>) => {
    const { id, mappings } = ownImage(cloud.store.state, ImageId);
    return async () => {
      const snapshotIds =
        DeleteAssociatedSnapshots === true ? mappings.flatMap(({ snapshotId }) => snapshotId ?? []) : [];
      const results = cloud.store.release((state) => {
        Reflect.deleteProperty(state.images, id);
        Reflect.deleteProperty(state.tags, id);
        const used = snapshotIds.filter((snapshotId) => imagesOn(state, snapshotId).length > 0);
        const free = snapshotIds.filter((snapshotId) => !used.includes(snapshotId));
        forgetSnapshots(state, free);
        return [
          ...free.map((snapshotId) => ({ snapshotId, returnCode: 'success' })),
          ...used.map((snapshotId) => ({ snapshotId, returnCode: 'skipped' })),
        ];
      });
      await freeLayers(cloud);
      return { return: true, deleteSnapshotResultSet: results };
    };
  },
);
