import { afterLastCheck, type Deed, type DeletionWorld } from './delete-image.ts';
import type { Image } from '../aws/images.ts';
import type { Rules } from './retention.ts';
import { tag } from '../aws/tags.ts';

const dayMs = 24 * 60 * 60_000;

/** The time from which an image that is disabled now may be deleted. */
export function deleteAfter(nowMs: number, days: number): string {
  return new Date(nowMs + days * dayMs).toISOString();
}

/**
 * Disables an image, after the same check as before deleting, and tags it with the time of its deletion. Does not
 * throw for what EC2 does.
 * @param until ISO 8601
 */
export async function disableImage(
  planned: Image,
  rules: Rules,
  until: string,
  world: DeletionWorld,
): Promise<Deed> {
  return afterLastCheck(planned, rules, world, 'disabled', async ({ id }) => {
    // In this order: cut off in between, it is an available image, which the next cleanup judges anew.
    await world.tag([id], tag.deleteAfter, until);
    await world.disable(id);
  });
}
