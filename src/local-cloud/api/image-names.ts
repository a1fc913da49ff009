import type { Image, State } from '../state/model.ts';
import { Fault } from './fault.ts';
import { find } from './resource-ids.ts';

/** Throws the Fault of a name that EC2 does not take, or that one of the account's images has already. */
export function checkImageName(state: State, wanted: string): void {
  if (!/^[A-Za-z0-9()[\] ./'@_-]{3,128}$/.test(wanted)) {
    throw new Fault(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'`,
    );
  }
  const other = Object.values(state.images).find(
    ({ name, ownerId }) => name === wanted && ownerId === state.account.id,
  );
  if (other !== undefined && other.state !== 'failed') {
    throw new Fault('InvalidAMIName.Duplicate', `AMI name ${wanted} is already in use by AMI ${other.id}`);
  }
}

/** Finds an image that the account may change, or throws the Fault. */
export function ownImage(state: State, id: string): Image {
  const image = find(state.images, 'image', id);
  if (image.ownerId === state.account.id) return image;
  throw new Fault('AuthFailure', `Not authorized for image:${id}`, 403);
}
