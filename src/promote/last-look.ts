import type { Image } from '../aws/images.ts';
import { notOursSentence } from '../aws/ours.ts';

/** The parts of an image that decide whether it may be in service. */
type Candidate = Pick<Image, 'id' | 'node' | 'notOurs' | 'state' | 'verified' | 'rejected' | 'revoked'>;

/** Why an image must not go into service for a node, as the rest of a sentence; undefined: it may. */
export function whyUnfit(image: Candidate | undefined, node: string): string | undefined {
  if (image === undefined) return 'is gone';
  if (image.node === '') return 'is no image of a bake: it has no tag bakehouse:node';
  if (image.node !== node) return `is an image of ${image.node}, not of ${node}`;
  if (image.notOurs !== undefined) return `is not ours: ${notOursSentence(image.notOurs)}`;
  if (image.revoked !== undefined) return `is revoked: ${image.revoked}`;
  if (image.rejected) return 'was rejected by verify: its tag bakehouse:rejected says why';
  if (image.state !== 'available') return `is ${image.state}, not available`;
  if (!image.verified) return 'is not verified: run verify first';
  return undefined;
}

/** What a pointer held when the move was decided, and what it holds under the lock. */
interface Seen {
  /** For a person: `parameter /images/web`. */
  pointer: string;
  then: string | undefined;
  now: string | undefined;
}

/**
 * Why the pointers of a region must not be moved, right before they are; undefined: all is as it was decided on. A
 * pointer that names the target already is right, whoever moved it.
 */
export function changeUnderLock(
  target: Candidate | undefined,
  targetId: string,
  node: string,
  pointers: readonly Seen[],
): string | undefined {
  const unfit = whyUnfit(target, node);
  if (unfit !== undefined) return `the image ${targetId} ${unfit}`;
  const moved = pointers.find(({ then, now }) => now !== then && now !== targetId);
  if (moved === undefined) return undefined;
  const { pointer, then = 'nothing', now = 'nothing' } = moved;
  return `the ${pointer} named ${then} and names ${now} now: another run or a person moved it; run promote again`;
}
