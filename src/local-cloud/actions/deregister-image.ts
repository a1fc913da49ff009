import { write } from '../api/action.ts';
import { ownImage } from '../api/image-names.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import type { State } from '../state/model.ts';
import { refuseProtected } from '../images/protection.ts';
import { forgetSnapshots, freeLayers, imagesOn } from '../images/remove-snapshots.ts';

export const deregisterImage = write(
  { ImageId: required(text), DeleteAssociatedSnapshots: flag },
  ({ ImageId, DeleteAssociatedSnapshots }, cloud: Pick<Cloud, 'store' | 'machines' | 'now'>) => {
    const image = ownImage(cloud.store.state, ImageId);
    refuseProtected(image, cloud.now());
    const { id, mappings } = image;
    return async () => {
      const snapshotIds =
        DeleteAssociatedSnapshots === true ? mappings.flatMap(({ snapshotId }) => snapshotId ?? []) : [];
      const results = cloud.store.release((state) => {
        Reflect.deleteProperty(state.images, id);
        Reflect.deleteProperty(state.tags, id);
        const results = snapshotIds.map((snapshotId) => ({
          snapshotId,
          returnCode: deletable(state, snapshotId),
        }));
        const free = results.filter(({ returnCode }) => returnCode === 'success');
        forgetSnapshots(
          state,
          free.map(({ snapshotId }) => snapshotId),
        );
        return results;
      });
      await freeLayers(cloud);
      return { return: true, deleteSnapshotResultSet: results };
    };
  },
);

/** What becomes of a snapshot of the image that goes: one that another image maps as well is left alone. */
function deletable(state: State, snapshotId: string): 'success' | 'skipped' | 'missing-permissions' {
  if (state.snapshots[snapshotId]?.ownerId !== state.account.id) return 'missing-permissions';
  return imagesOn(state, snapshotId).length > 0 ? 'skipped' : 'success';
}
