import { deleteImage, type DeletionWorld, type Outcome } from './delete-image.ts';
import type { Image } from './list-images.ts';

/** What became of the images that were to be deleted. */
export interface Deletions {
  /** By the image's id. */
  outcomes: ReadonlyMap<string, Outcome>;
  /** Why the cloud was not available any more, if it was not. */
  unavailable?: string;
}

/**
 * Deletes images one after the other. One that cannot be deleted does not keep the others; a cloud that is not
 * available, and an aborted signal, leave the rest as they are.
 */
export async function deleteImages(
  images: readonly Image[],
  world: DeletionWorld,
  signal: AbortSignal,
): Promise<Deletions> {
  const outcomes = new Map<string, Outcome>();
  let unavailable: string | undefined;
  for (const image of images) {
    if (unavailable !== undefined) outcomes.set(image.id, notDone('not tried after the error'));
    else if (signal.aborted) outcomes.set(image.id, notDone('interrupted before its turn'));
    else {
      const end = await deleteImage(image, world);
      outcomes.set(image.id, end.outcome);
      unavailable = end.unavailable;
    }
  }
  return { outcomes, ...(unavailable === undefined ? {} : { unavailable }) };
}

function notDone(why: string): Outcome {
  return { kind: 'not-done', why, deletedSnapshots: [], keptSnapshots: [] };
}
