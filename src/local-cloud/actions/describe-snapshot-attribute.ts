import { read } from '../api/action.ts';
import { grantAnswer } from '../api/grants.ts';
import { find } from '../api/resource-ids.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSnapshotAttribute = read(
  { SnapshotId: required(text), Attribute: required(oneOf('createVolumePermission', 'productCodes')) },
  ({ SnapshotId, Attribute }, { store }: Pick<Cloud, 'store'>) => {
    const snapshot = find(store.state.snapshots, 'snapshot', SnapshotId);
    return {
      snapshotId: snapshot.id,
      [Attribute]: Attribute === 'productCodes' ? [] : grantAnswer(snapshot),
    };
  },
);
