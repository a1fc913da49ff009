import type { Image as Ec2Image } from '@aws-sdk/client-ec2';
import { CloudError, codeOf } from './ec2-failure.ts';
import { collectPages, type Page } from './answers.ts';
import { tag, tagMap } from './tags.ts';

/** Which source image a pack asks for, in the words of Packer's amazon-ebs. */
export type WantedSource =
  | { id: string }
  | {
      id?: string;
      owners: readonly string[];
      filters: Readonly<Record<string, string>>;
      mostRecent: boolean;
      includeDeprecated: boolean;
    };

/** The source image that a bake would start from; its name tells the distribution. */
interface SourceImage {
  id: string;
  name: string;
  /** What Packer would have taken or found besides, were it not rejected or revoked. */
  passedOver?: string[];
}

/** A call of DescribeImages, for images of any owner. */
export type DescribeSources = (query: {
  ImageIds?: string[];
  Owners?: string[];
  Filters?: { Name: string; Values: string[] }[];
  IncludeDeprecated?: boolean;
  MaxResults?: number;
  NextToken?: string;
}) => Promise<{ Images?: Ec2Image[] | undefined } & Page>;

const pageSize = 500;

/**
 * Finds source images as Packer does: the newest match by its creation date, to the second. Several matches are wrong
 * unless the query asks for the newest. A rejected image is found only by its id; a revoked one not at all. Each query
 * is asked once. Answers why there is none as the rest of a sentence.
 * @throws CloudError when the cloud is not available
 */
export function sourceFinder(
  describe: DescribeSources,
): (wanted: WantedSource) => Promise<SourceImage | { why: string }> {
  const known = new Map<string, Promise<SourceImage | { why: string }>>();
  return (wanted) => {
    const key = JSON.stringify(wanted);
    const found = known.get(key) ?? findSource(describe, wanted);
    known.set(key, found);
    return found;
  };
}

async function findSource(
  describe: DescribeSources,
  wanted: WantedSource,
): Promise<SourceImage | { why: string }> {
  try {
    const found = await imagesOf(describe, wanted);
    const images = isFilterOnly(wanted) ? found.filter((image) => whyUnfit(image) === undefined) : found;
    const image = newest(images);
    if (image?.ImageId === undefined) {
      const unfit = found.length === 0 ? '' : `but ${unfitText(found)}, `;
      return { why: `there is no source image ${unfit}${shown(wanted)}` };
    }
    const revoked = tagMap(image.Tags).get(tag.revoked);
    if (revoked !== undefined)
      return { why: `the source image ${image.ImageId} was revoked (${revoked}): ${advice}` };
    if (images.length > 1 && isFilterOnly(wanted) && !wanted.mostRecent)
      return {
        why: `without most_recent there must be one source image, not ${images.length}, ${shown(wanted)}`,
      };
    const { ImageId: id, Name: name = '', State: state = 'in no state' } = image;
    if (state !== 'available') return { why: `the source image ${id} is ${state}, not available` };
    const passedOver = passedOverBy(found, image, wanted);
    return { id, name, ...(passedOver.length > 0 && { passedOver }) };
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.'))
      return { why: `there is no source image ${shown(wanted)}` };
    // An answer of EC2 to what this one pack asks, such as InvalidParameterValue for a filter that there is not.
    if (error instanceof Error && !(error instanceof CloudError) && '$metadata' in error)
      return {
        why: `EC2 refuses the search (${codeOf(error)}: ${error.message}) for a source image ${shown(wanted)}`,
      };
    throw error;
  }
}

type WantedByFilter = Extract<WantedSource, { owners: unknown }>;

function isFilterOnly(wanted: WantedSource): wanted is WantedByFilter {
  return wanted.id === undefined;
}

/**
 * Why an image that a filter finds is passed over. Whose image it is does not matter: nobody sees the tags that another
 * account put on its own image (EC2's user guide, sharing an AMI), so that a tag here is the word of this account.
 */
function whyUnfit(image: Ec2Image): string | undefined {
  const tags = tagMap(image.Tags);
  if (tags.has(tag.revoked)) return 'which was revoked';
  return tags.has(tag.rejected) ? 'which verify has rejected' : undefined;
}

/** `ami-a, which was revoked, ami-b, ami-c, which verify has rejected`: the reasons, each with its images. */
function unfitText(images: readonly Ec2Image[]): string {
  const ofReason = new Map<string, string[]>();
  for (const image of images) {
    const why = whyUnfit(image) ?? '';
    ofReason.set(why, [...(ofReason.get(why) ?? []), ...idsOf([image])]);
  }
  return [...ofReason].map(([why, ids]) => `${ids.join(', ')}, ${why}`).join(', ');
}

/** The images that keep Packer from taking this one by the filter alone: rejected ones, revoked ones. */
function passedOverBy(found: readonly Ec2Image[], image: Ec2Image, wanted: WantedSource): string[] {
  if (!isFilterOnly(wanted)) return [];
  const unfit = found.filter((one) => whyUnfit(one) !== undefined);
  return idsOf(wanted.mostRecent ? unfit.filter((other) => newest([other, image]) === other) : unfit);
}

function idsOf(images: readonly Ec2Image[]): string[] {
  return images.flatMap(({ ImageId: id }) => id ?? []);
}

async function imagesOf(describe: DescribeSources, wanted: WantedSource): Promise<Ec2Image[]> {
  const call = 'ec2:DescribeImages';
  const { id } = wanted;
  const query = {
    // EC2 takes no MaxResults along with ids.
    ...(id === undefined ? { MaxResults: pageSize } : { ImageIds: [id] }),
    ...('owners' in wanted && {
      Owners: [...wanted.owners],
      Filters: Object.entries(wanted.filters).map(([Name, value]) => ({ Name, Values: [value] })),
      ...(wanted.includeDeprecated ? { IncludeDeprecated: true } : {}),
    }),
  };
  const found = await collectPages(
    (next) => describe({ ...query, ...next }),
    ({ Images: page }) => page,
    call,
  );
  // What is registered between two pages may be on both.
  return [...new Map(found.map((image) => [image.ImageId, image])).values()];
}

/** Of several of the same second Packer takes any; here always the same one. */
function newest(images: readonly Ec2Image[]): Ec2Image | undefined {
  const second = ({ CreationDate: date }: Ec2Image) => {
    const ms = Date.parse(date ?? '');
    return Number.isNaN(ms) ? -Infinity : Math.floor(ms / 1000);
  };
  const newestFirst = (a: Ec2Image, b: Ec2Image) => {
    const [before, after] = [second(a), second(b)];
    if (before !== after) return before < after ? 1 : -1;
    return (a.ImageId ?? '') < (b.ImageId ?? '') ? 1 : -1;
  };
  return images.toSorted(newestFirst)[0];
}

const advice = 'correct `source_ami` in nodes.yaml';

function shown(wanted: WantedSource): string {
  if (!('owners' in wanted)) return `${wanted.id} in this region: ${advice}`;
  const { name, ...others } = wanted.filters;
  const also = Object.entries(others).map(([key, value]) => `${key} ${value}`);
  const like = name === undefined ? '' : ` named '${name}'`;
  const filters = also.length === 0 ? '' : ` (${also.join(', ')})`;
  const it = wanted.id === undefined ? '' : `${wanted.id} `;
  return `${it}of owner ${wanted.owners.join(', ')}${like}${filters}: ${advice}`;
}
