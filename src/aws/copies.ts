import type { Image } from './images.ts';

/** An image and where it is. */
export interface Original {
  id: string;
  region: string;
  name: string;
}

/** The value of the tag `bakehouse:copied-from`. */
export function copiedFromText({ region, id }: Pick<Original, 'id' | 'region'>): string {
  return `${region}/${id}`;
}

/** What a copy's tag names: an image of another region; undefined: it has no such tag, or one of another form. */
export function originalOf({
  copiedFrom,
}: Pick<Image, 'copiedFrom'>): Pick<Original, 'id' | 'region'> | undefined {
  const [, region, id] = /^([a-z]{2}(?:-[a-z]+)+-\d+)\/(ami-[0-9a-f]{8,17})$/.exec(copiedFrom ?? '') ?? [];
  return region === undefined || id === undefined ? undefined : { region, id };
}

type Copy = Pick<Image, 'name' | 'copiedFrom' | 'notOurs' | 'sourceImageId' | 'sourceImageRegion'>;

/**
 * Whether an image of another region is promote's copy of this one. Tags get copied, so the name has to be the same, and
 * where EC2 says what it was copied from, it has to say so, too.
 */
export function isCopyOf(image: Copy, original: Original): boolean {
  const { name, copiedFrom, notOurs, sourceImageId, sourceImageRegion } = image;
  if (notOurs !== undefined || copiedFrom !== copiedFromText(original) || name !== original.name)
    return false;
  if (sourceImageId === undefined || sourceImageId === '') return true;
  return sourceImageId === original.id && (sourceImageRegion ?? original.region) === original.region;
}
