import type { Image } from '../aws/images.ts';
import type { Node } from '../nodes/node.ts';
import { whyUnfit } from './last-look.ts';
import type { LockValue } from './pointer-lock.ts';
import type { RegionImage } from './promote-account.ts';

/** The image in the own region that is to be current, or why there is none. */
export type Choice = { image: RegionImage; notes: string[] } | { why: string };

/** What the own region has of a node. */
interface OwnImages {
  node: Pick<Node, 'name'>;
  images: readonly RegionImage[];
  /** What the parameter holds. */
  current: string | undefined;
}

/**
 * The node's newest image that may be in service. One that was in service and was taken out again, by a rollback or by
 * `--image` of an older one, does not come back by itself: then the current image stays.
 * @param inPipeline the newest bake is the one that counts: one that is not verified is an error
 */
export function chooseNewest({ node, images, current }: OwnImages, inPipeline: boolean): Choice {
  const bakes = images
    .filter((image) => image.node === node.name && image.notOurs === undefined)
    .sort(newestFirst);
  const [newest] = bakes;
  const good = bakes.find((image) => whyUnfit(image, node.name) === undefined);
  if (newest === undefined) return { why: `there is no image of ${node.name}: build one` };
  const why = whyUnfit(newest, node.name);
  if (good === undefined || (inPipeline && why !== undefined))
    return { why: `the newest image ${newest.id} ${why ?? ''}` };
  const passed = why === undefined ? [] : [`the newer ${newest.id} ${why}`];
  const inService = images.find(({ id }) => id === current);
  if (inService !== undefined && wasTakenOut(good, inService)) {
    const stays = whyUnfit(inService, node.name);
    const note = `the newer ${good.id} was taken out of service before: --image ${good.id} puts it back`;
    return stays === undefined
      ? { image: inService, notes: [...passed, note] }
      : { why: `the current image ${inService.id} ${stays}, and ${note}` };
  }
  return { image: good, notes: passed };
}

/** Whether an image was current, and an older one was made current after it. */
function wasTakenOut(image: Image, inService: Image): boolean {
  if (image.promotedMs === undefined || inService.promotedMs === undefined) return false;
  return inService.promotedMs > image.promotedMs && newestFirst(image, inService) < 0;
}

function newestFirst(a: Image, b: Image): number {
  const byBake = (b.bakedMs ?? 0) - (a.bakedMs ?? 0);
  return byBake === 0 ? (b.createdMs ?? 0) - (a.createdMs ?? 0) : byBake;
}

/** The image that `--image` names, if it may be in service. */
export function chooseNamed(
  id: string,
  image: RegionImage | undefined,
  node: string,
  region: string,
): Choice {
  if (image === undefined)
    return { why: `there is no image ${id} in ${region}, the account's own region, whose id --image takes` };
  const why = whyUnfit(image, node);
  return why === undefined ? { image, notes: [] } : { why: `the image ${id} ${why}` };
}

/** What a rollback decides by, besides the images. */
interface Past {
  /** What a run that was cut off left in the node's lock. */
  cutOff: LockValue | undefined;
  /** The values that the parameter has had, newest first. */
  history: () => Promise<readonly { value: string }[]>;
}

/**
 * The image that was current before. A rollback that was cut off goes on to where it went, and does not go back once more;
 * a promote that was cut off before it got to the own region is undone.
 */
export async function choosePrevious(
  { node, images, current }: OwnImages,
  region: string,
  { cutOff, history }: Past,
): Promise<Choice> {
  if (current === undefined) return { why: `no image of ${node.name} is in service in ${region}` };
  const id =
    cutOff?.kind === 'rollback'
      ? cutOff.image
      : cutOff !== undefined && cutOff.image !== current
        ? current
        : (images.find((image) => image.id === current)?.previous ?? valueBefore(current, await history()));
  if (id === undefined)
    return {
      why: `no image was in service before ${current}: neither its tag bakehouse:previous nor the history of the parameter names one`,
    };
  const image = images.find((one) => one.id === id);
  const why = whyUnfit(image, node.name);
  return why === undefined && image !== undefined
    ? { image, notes: [] }
    : { why: `the image ${id}, which was in service before, ${why ?? ''}` };
}

/** What was there before an image first was: later on, a rollback may have brought it back from a newer one. */
function valueBefore(current: string, history: readonly { value: string }[]): string | undefined {
  const at = history.findLastIndex(({ value }) => value === current);
  return history.slice(at + 1).find(({ value }) => value.startsWith('ami-'))?.value;
}
