import type { Image } from '../aws/images.ts';
import { isCopyOf } from '../aws/copies.ts';
import { orUnavailable } from '../aws/ec2-failure.ts';
import { StageError } from '../lib/errors.ts';
import type { Reference } from '../references/reference.ts';
import { copiesOf, copiesTag, copyUse, isCopyHere } from './copies-elsewhere.ts';
import type { LastCheckDeps } from './last-check.ts';
import { retentionSentence } from './sentences.ts';

/** What the check of copies needs of a region; each throws what EC2 throws. */
export interface CopyCalls {
  /** The images with this tag `bakehouse:copied-from`. */
  copiesTagged: (copiedFrom: string) => Promise<Image[]>;
  users: (imageId: string) => Promise<readonly Reference[]>;
}

/**
 * The check of an image's copies right before it is deleted: one call for each other region, and for each copy those
 * that find its users. A region that does not answer keeps the image, and is not asked again.
 * @param lost gets the regions that did not answer, with the cause
 */
export function copiesNow(
  region: string,
  others: ReadonlyMap<string, CopyCalls>,
  lost: Map<string, string>,
): NonNullable<LastCheckDeps['copiesNow']> {
  return async (planned, { elsewhere }) => {
    if (isCopyHere(planned, region)) return undefined;
    const before = elsewhere === undefined ? [] : copiesOf(planned, elsewhere);
    for (const [other, calls] of others) {
      const notKnown = `whether its copies in ${other} are in use cannot be checked now`;
      if (lost.has(other)) return notKnown;
      try {
        const why = await orUnavailable(whyKept(planned, region, calls, before));
        if (why !== undefined) return `its copy in ${other}: ${why}`;
      } catch (error) {
        if (!(error instanceof StageError)) throw error;
        lost.set(other, error.message);
        return notKnown;
      }
    }
    return undefined;
  };
}

async function whyKept(
  { id, name }: Image,
  region: string,
  calls: CopyCalls,
  before: readonly { image: Image }[],
): Promise<string | undefined> {
  const copies = await calls.copiesTagged(copiesTag({ id }, region));
  for (const image of copies.filter((one) => isCopyOf(one, { id, region, name }))) {
    const planned = before.find((one) => one.image.id === image.id)?.image;
    if (image.promotedMs !== planned?.promotedMs) return `promote has put ${image.id} into service since`;
    const because = copyUse({ image, users: [] }) ?? copyUse({ image, users: await calls.users(image.id) });
    if (because !== undefined) return `${image.id}: ${retentionSentence(because)}`;
  }
  return undefined;
}
