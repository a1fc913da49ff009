import { copiedFromText, isCopyOf } from '../aws/copies.ts';
import type { Image } from '../aws/images.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { type Mark, setMark, type TagCalls } from './mark-image.ts';

/** What tagging copies needs of a region; each throws what EC2 throws. */
export interface CopyTags extends TagCalls {
  /** This account's images with this tag `bakehouse:copied-from`. */
  copiesTagged: (copiedFrom: string) => Promise<Image[]>;
}

/** A region that images of the node are promoted to. */
export interface CopyRegion {
  region: string;
  connect: () => Promise<CopyTags>;
}

/** The image that was judged. */
interface Judged {
  id: string;
  region: string;
  node: string;
}

/**
 * Gives the copies of an image in other regions the mark that the image has now: one call for each region, and two more
 * where there are copies. All regions are tried.
 * @throws StageError (exit 4) that names the regions where it failed
 */
export async function markCopies(judged: Judged, mark: Mark, regions: readonly CopyRegion[]): Promise<void> {
  const failed = await Promise.all(regions.map((region) => markIn(region, judged, mark)));
  const problems = failed.filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  const [is, advice] =
    mark === 'verified'
      ? ['verified', 'run verify again']
      : ['rejected', 'run verify again, or promote --revoke takes it out of service'];
  throw new StageError(
    `the image ${judged.id} is ${is}, but not yet its copies in other regions (${problems.join('; ')}): ${advice}`,
    exitCode.unavailable,
  );
}

async function markIn(
  { region, connect }: CopyRegion,
  { node, ...judged }: Judged,
  mark: Mark,
): Promise<string | undefined> {
  try {
    const ec2 = await connect();
    const found = await ec2.copiesTagged(copiedFromText(judged));
    // The original may be gone: then only its copies know its name.
    const copies = found.filter(
      (image) => image.node === node && isCopyOf(image, { ...judged, name: image.name }),
    );
    if (copies.length > 0) await setMark(ec2, copies.map(({ id }) => id), mark); // prettier-ignore
    return undefined;
  } catch (error) {
    // An answer of EC2, such as TagLimitExceeded, or a cloud that is not available; all else is a bug of ours.
    if (!(error instanceof StageError) && !(error instanceof Error && '$metadata' in error)) throw error;
    return `${region}: ${error.message}`;
  }
}
