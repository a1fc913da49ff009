import { known } from './answer.ts';
import type { Pin } from './pin.ts';
import type { Found, ReferenceKind } from './reference.ts';

/** What something launches from: images, and versions of launch templates. */
export interface Uses {
  found: Found[];
  pins: Pin[];
}

/** Who uses it, and which call says so. */
export interface User {
  kind: ReferenceKind;
  by: string;
  call: string;
}

/** The parts of a device mapping that name a snapshot. */
export interface Mapping {
  Ebs?: { SnapshotId?: string | undefined } | undefined;
}

/** An image with the snapshots that are mapped over its own. */
export function imageUses(
  { ImageId: image, BlockDeviceMappings: mappings = [] }: ImageSource,
  { kind, by }: User,
): Found[] {
  const snapshots = mappings.map(({ Ebs: ebs }) => ebs?.SnapshotId);
  return [image, ...snapshots].flatMap((id) => (id === undefined || id === '' ? [] : [{ id, kind, by }]));
}

interface ImageSource {
  ImageId?: string | undefined;
  BlockDeviceMappings?: readonly Mapping[] | undefined;
}

/** All of these together. */
export function allUses(uses: readonly Uses[]): Uses {
  return { found: uses.flatMap(({ found }) => found), pins: uses.flatMap(({ pins }) => pins) };
}

/** An image that must be there, else the answer is malformed. */
export function requiredImageUses(source: ImageSource, user: User): Found[] {
  known(source.ImageId, user.call, `the image of ${user.by}`);
  return imageUses(source, user);
}
