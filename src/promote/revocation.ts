import { isCopyOf } from '../aws/copies.ts';
import type { Image } from '../aws/images.ts';

/** The images of a region, the account's own region first in a list of them. */
export interface RegionImages {
  region: string;
  images: readonly Image[];
}

/** An image in a region. */
export interface PlacedImage {
  region: string;
  image: Image;
}

/**
 * An image with all that was made of it: promote's copies, every image that a bake made from one of these, the copies of
 * those, and so on. Images that are not ours are left out: tags get copied, and a backup of a server is its owner's.
 * @param id an image of the first region
 */
export function familyOf(id: string, regions: readonly RegionImages[]): PlacedImage[] {
  const all = regions.flatMap(({ region, images }) =>
    images
      .filter(({ notOurs, node }) => notOurs === undefined && node !== '')
      .map((image) => ({ region, image })),
  );
  const family = all.filter((one) => one.region === regions[0]?.region && one.image.id === id);
  const known = new Set(family);
  // Grows while it is gone through.
  for (const parent of family) {
    for (const one of all) {
      if (known.has(one) || !isMadeOf(one, parent)) continue;
      known.add(one);
      family.push(one);
    }
  }
  return family;
}

function isMadeOf({ region, image }: PlacedImage, parent: PlacedImage): boolean {
  if (region !== parent.region) return isCopyOf(image, { ...parent.image, region: parent.region });
  return image.sourceAmi === parent.image.id;
}

/** The images that a node's pointers name, by region: the parameter's and the launch template's. */
export type Current = ReadonlyMap<string, readonly string[]>;

/** What becomes of the pointers of a node whose current image is revoked in some region. */
export type PointersBack =
  /** The regions get this earlier bake; `imageId` is its image or copy there. */
  | { kind: 'back'; original: Image; regions: { region: string; imageId: string; from: string }[] }
  /** No earlier image may go into service in all of these regions. */
  | { kind: 'stays'; regions: { region: string; from: string }[]; why: string };

/**
 * Where the pointers of a node go whose current image is revoked: to the newest earlier bake that was in service before,
 * is still good, and is there in every region that needs it. Undefined: no pointer of the node names a revoked image.
 * @param revoked the ids of the revoked images, by region
 */
export function pointersBack(
  node: string,
  current: Current,
  revoked: ReadonlyMap<string, ReadonlySet<string>>,
  regions: readonly RegionImages[],
): PointersBack | undefined {
  const needing = [...current].flatMap(([region, named]) => {
    const from = named.find((id) => revoked.get(region)?.has(id));
    return from === undefined ? [] : [{ region, from }];
  });
  if (needing.length === 0) return undefined;
  const [own] = regions;
  if (own === undefined) throw new Error('an account has a region');
  const imageIn = (region: string, original: Image) => {
    const found = regions.find((one) => one.region === region)?.images ?? [];
    return region === own.region
      ? original
      : found.find((image) => isCopyOf(image, { ...original, region: own.region }));
  };
  const isGood = (image: Image | undefined, region: string) =>
    image !== undefined && isInOrder(image, node) && revoked.get(region)?.has(image.id) !== true;
  const before = earliestBake(needing, regions);
  const candidates = own.images
    .filter(
      (image) => isGood(image, own.region) && image.promotedMs !== undefined && bakeTime(image) < before,
    )
    .sort((a, b) => bakeTime(b) - bakeTime(a) || (a.id < b.id ? -1 : 1));
  const original = candidates.find((image) =>
    needing.every(({ region }) => isGood(imageIn(region, image), region)),
  );
  if (original === undefined) return { kind: 'stays', regions: needing, why: whyNone(candidates, needing) };
  const back = needing.map(({ region, from }) => ({
    region,
    imageId: imageIn(region, original)?.id ?? '',
    from,
  }));
  return { kind: 'back', original, regions: back };
}

function isInOrder(
  { node: ofNode, notOurs, state, verified, rejected, revoked }: Image,
  node: string,
): boolean {
  return (
    ofNode === node &&
    notOurs === undefined &&
    state === 'available' &&
    verified &&
    !rejected &&
    revoked === undefined
  );
}

/** Of the images that are taken out of service: where regions disagree, the earliest counts. */
function earliestBake(
  needing: readonly { region: string; from: string }[],
  regions: readonly RegionImages[],
): number {
  return Math.min(
    ...needing.map(({ region, from }) => {
      const found = regions.find((one) => one.region === region)?.images.find(({ id }) => id === from);
      return found === undefined ? Infinity : bakeTime(found);
    }),
  );
}

/** The name's: EC2's date of a copy says nothing. */
function bakeTime({ bakedMs, createdMs }: Image): number {
  return bakedMs ?? createdMs ?? Number.NEGATIVE_INFINITY;
}

function whyNone(candidates: readonly Image[], needing: readonly { region: string }[]): string {
  const [newest] = candidates;
  if (newest === undefined)
    return 'no earlier image that was in service is still good: promote one with --image';
  const names = needing.map(({ region }) => region).join(', ');
  return `${newest.id} was in service before, but neither it nor an earlier one is still good in ${names}: promote one with --image`;
}
