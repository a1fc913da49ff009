import { copiedFromText, isCopyOf, originalOf } from '../aws/copies.ts';
import type { Image } from '../aws/images.ts';
import type { Reference, References } from '../references/reference.ts';

/** Why a copy keeps its original, in the words of retention. */
export type CopyUse =
  | { kind: 'in-use'; users: readonly Reference[] }
  | { kind: 'keep-tag' }
  | { kind: 'protected'; how: string }
  | { kind: 'state'; state: string };

/** Why an image stays for what is in another region. */
export type CopyReason =
  | { kind: 'copy'; region: string; copy: string; because: CopyUse }
  /** The region could not be read, and the image may have a copy there. */
  | { kind: 'region-unknown'; region: string };

/** A region whose images were read. */
export interface ReadRegion {
  region: string;
  images: readonly Image[];
  references: References;
}

/** A region that could not be read. */
export interface UnreadRegion {
  region: string;
  /** The nodes whose images are promoted to it. */
  nodes: ReadonlySet<string>;
}

/** A copy, with what uses it. */
export interface PlacedCopy {
  region: string;
  image: Image;
  users: readonly Reference[];
}

/** What is known in a region of the others. */
export interface Elsewhere {
  /** Where the images are that are decided on. */
  region: string;
  /** By the original's id. What only claims to be a copy is among them: {@link copiesOf} tells. */
  copies: ReadonlyMap<string, readonly PlacedCopy[]>;
  unread: readonly UnreadRegion[];
}

/** What is known in a region of the copies of its images. */
export function elsewhereOf(
  region: string,
  others: readonly ReadRegion[],
  unread: readonly UnreadRegion[],
): Elsewhere {
  const copies = new Map<string, PlacedCopy[]>();
  for (const { region: other, images, references } of others) {
    for (const image of images) {
      const original = originalOf(image);
      if (original?.region !== region) continue;
      const placed = { region: other, image, users: references.get(image.id) ?? [] };
      const known = copies.get(original.id);
      if (known === undefined) copies.set(original.id, [placed]);
      else known.push(placed);
    }
  }
  return { region, copies, unread };
}

/** The copies of an image that promote made, in other regions. */
export function copiesOf({ id, name }: Image, { region, copies }: Elsewhere): PlacedCopy[] {
  return (copies.get(id) ?? []).filter(({ image }) => isCopyOf(image, { id, region, name }));
}

/** The first reason for which an image stays that would go by its own region; undefined: none. */
export function whyCopiesKeep(
  image: Image,
  node: string,
  { elsewhere, keep }: { elsewhere?: Elsewhere | undefined; keep: ReadonlyMap<string, unknown> },
): CopyReason | undefined {
  if (elsewhere === undefined) return undefined;
  for (const copy of copiesOf(image, elsewhere)) {
    const because = copyUse(copy);
    if (because !== undefined) return { kind: 'copy', region: copy.region, copy: copy.image.id, because };
  }
  if (isCopyHere(image, elsewhere.region)) return undefined;
  // nodes.yaml may have named the region until yesterday: whatever was in service may have a copy there.
  const isAnywhere = image.promotedMs !== undefined || !keep.has(node);
  const unread = elsewhere.unread.find(({ nodes }) => isAnywhere || nodes.has(node));
  return unread === undefined ? undefined : { kind: 'region-unknown', region: unread.region };
}

/** Whether an image is itself a copy: then none was made of it. */
export function isCopyHere(image: Image, region: string): boolean {
  const original = originalOf(image);
  return original !== undefined && original.region !== region;
}

/** The states in which nothing is being made of it any more. */
const ended: ReadonlySet<string> = new Set([
  'available',
  'disabled',
  'failed',
  'error',
  'invalid',
  'deregistered',
]);

/** Why a copy keeps its original; undefined: it does not. */
export function copyUse({ image, users }: Pick<PlacedCopy, 'image' | 'users'>): CopyUse | undefined {
  const { keepTag, protection, state } = image;
  if (users.length > 0) return { kind: 'in-use', users };
  if (keepTag) return { kind: 'keep-tag' };
  if (protection !== undefined) return { kind: 'protected', how: protection };
  return ended.has(state) ? undefined : { kind: 'state', state };
}

/** The value of the tag that the copies of an image have. */
export function copiesTag({ id }: Pick<Image, 'id'>, region: string): string {
  return copiedFromText({ id, region });
}
