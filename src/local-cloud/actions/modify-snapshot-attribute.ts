import { write } from '../api/action.ts';
import { grant, grantsShape } from '../api/grants.ts';
import { ownSnapshot } from '../api/own-snapshot.ts';
import { list, oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const modifySnapshotAttribute = write(
  {
    SnapshotId: required(text),
    Attribute: oneOf('createVolumePermission'),
    OperationType: oneOf('add', 'remove'),
    UserId: list(text),
    UserGroup: list(oneOf('all')),
    CreateVolumePermission: grantsShape,
  },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const { id } = ownSnapshot(store.state, given.SnapshotId);
    return () => {
      store.change(({ snapshots }) => {
        const snapshot = snapshots[id];
        if (snapshot !== undefined)
          Object.assign(snapshot, grant(snapshot, given.CreateVolumePermission, given));
      });
      return { return: true };
    };
  },
);
