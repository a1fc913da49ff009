import type { NotOurs } from '../aws/ours.ts';
import type { FoundReference } from './reference.ts';

/** What an image of the account says about where it comes from, and who may launch it. */
export interface OwnImage {
  id: string;
  /** As EC2 has it: `available`, `pending`, `failed`, … */
  state: string;
  name: string;
  /** What EC2 says that it was made from. */
  sourceImageId?: string | undefined;
  sourceImageRegion?: string | undefined;
  /** What our own tag says that it was baked from. */
  sourceAmi?: string | undefined;
  isPublic: boolean;
  bearsOurTags?: boolean;
  notOurs?: NotOurs | undefined;
}

/**
 * Whether an image with our tags is a backup of a server. A backup does not count as a user of its image: it would keep
 * that image for ever. A copy of an image counts as a backup only under a name of its own.
 */
export function isBackup({ bearsOurTags = false, notOurs }: OwnImage): boolean {
  return bearsOurTags && notOurs !== undefined && notOurs.kind !== 'copy';
}

/**
 * The images of the account that another of them is being copied from or was made from, and those that are public.
 * @param images all of the account in this region, whatever their state
 */
export function findRelatedImages(images: readonly OwnImage[], region: string): FoundReference[] {
  return images.flatMap((image): FoundReference[] => {
    const { id, name, state, isPublic } = image;
    const everyone: FoundReference[] = isPublic
      ? [{ id, kind: 'launch-permission', by: 'everyone (public)' }]
      : [];
    if (state === 'deregistered') return everyone;
    return [
      ...everyone,
      ...sourcesOf(image, region).flatMap((source): FoundReference[] => {
        if (state === 'pending' && source === image.sourceImageId)
          return [
            { id: source, kind: 'image-copy', by: `image ${name} (${id}) that is being copied from it` },
          ];
        return isBackup(image)
          ? []
          : [{ id: source, kind: 'child-image', by: `image ${name} (${id}) made from it` }];
      }),
    ];
  });
}

/** Each once; an id of which EC2 does not say the region may be of this one. */
function sourcesOf(image: OwnImage, region: string): string[] {
  const { id, sourceAmi, sourceImageId, sourceImageRegion = region } = image;
  const sources = [sourceAmi, sourceImageRegion === region ? sourceImageId : undefined];
  return [...new Set(sources)].filter(
    (source): source is string => source !== undefined && source !== '' && source !== id,
  );
}
