import { write } from '../api/action.ts';
import { refuseSharing } from '../api/encryption.ts';
import { Fault } from '../api/fault.ts';
import { grant, grantsShape } from '../api/grants.ts';
import { ownImage } from '../api/image-names.ts';
import { group, list, oneOf, rawText, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const modifyImageAttribute = write(
  {
    ImageId: required(text),
    Attribute: oneOf('description', 'launchPermission', 'imdsSupport'),
    Value: rawText,
    OperationType: oneOf('add', 'remove'),
    UserId: list(text),
    UserGroup: list(oneOf('all')),
    LaunchPermission: grantsShape,
    Description: group({ Value: rawText }),
    ImdsSupport: group({ Value: oneOf('v2.0') }),
  },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const { id, state, mappings } = ownImage(store.state, given.ImageId);
    const { Attribute, Value } = given;
    if (Attribute === undefined && !given.LaunchPermission && !given.Description && !given.ImdsSupport) {
      throw new Fault(
        'MissingParameter',
        'The request must contain the parameter Attribute, or what to change it to',
      );
    }
    const asked = grant({ isPublic: false, users: [] }, given.LaunchPermission, given);
    if (state === 'disabled' && (asked.isPublic || asked.users.length > 0)) {
      throw new Fault('InvalidAMIID.Unavailable', `The image ID '${id}' is disabled and cannot be shared`);
    }
    refuseSharing(
      mappings.flatMap(({ snapshotId = '' }) => store.state.snapshots[snapshotId] ?? []),
      store.state.account,
      asked,
      (why) =>
        // In EC2's words, as in https://github.com/hashicorp/packer/issues/7410.
        new Fault(
          'InvalidParameter',
          why === 'public'
            ? `The image ${id} has encrypted snapshots and cannot be made public`
            : "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
        ),
    );
    return () => {
      store.change(({ images }) => {
        const image = images[id];
        if (image === undefined) return;
        image.description =
          (Attribute === 'description' ? Value : given.Description?.Value) ?? image.description;
        // EC2 knows no way back.
        image.imdsV2Only ||= (Attribute === 'imdsSupport' ? Value : given.ImdsSupport?.Value) === 'v2.0';
        const shared = grant(
          { isPublic: image.isPublic, users: image.launchUsers },
          given.LaunchPermission,
          given,
        );
        image.isPublic = shared.isPublic;
        image.launchUsers = shared.users;
      });
      return { return: true };
    };
  },
);
