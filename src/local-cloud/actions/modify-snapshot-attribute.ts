import { write } from '../api/action.ts';
import { refuseSharing } from '../api/encryption.ts';
import { Fault } from '../api/fault.ts';
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
    const { id, ...before } = ownSnapshot(store.state, given.SnapshotId);
    const asked = grant({ isPublic: false, users: [] }, given.CreateVolumePermission, given);
    // In EC2's words, as in https://github.com/hashicorp/packer/issues/7499.
    refuseSharing([before], store.state.account, asked, (why) => {
      const how = why === 'public' ? 'Encrypted snapshots' : 'Encrypted snapshots with EBS default key';
      return new Fault(
        'OperationNotPermitted',
        `${how} cannot be shared${why === 'public' ? ' publicly' : ''}`,
      );
    });
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
