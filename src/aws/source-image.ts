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
  /** What Packer would have taken or found besides, were it not that verify has rejected it. */
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
 * unless the query asks for the newest. A rejected image is found only by its id. Each query is asked once. Answers why
 * there is none as the rest of a sentence.
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
    const images = isFilterOnly(wanted) ? found.filter((image) => !isRejected(image)) : found;
    const image = newest(images);
    if (image?.ImageId === undefined) {
      const rejected =
        found.length === 0 ? '' : `but ${idsOf(found).join(', ')}, which verify has rejected, `;
      return { why: `there is no source image ${rejected}${shown(wanted)}` };
    }
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

function isRejected(image: Ec2Image): boolean {
  return tagMap(image.Tags).has(tag.rejected);
}

/** The rejected images that keep Packer from taking this one by the filter alone. */
function passedOverBy(found: readonly Ec2Image[], image: Ec2Image, wanted: WantedSource): string[] {
  if (!isFilterOnly(wanted)) return [];
  const rejected = found.filter(isRejected);
  return idsOf(wanted.mostRecent ? rejected.filter((other) => newest([other, image]) === other) : rejected);
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

function shown(wanted: WantedSource): string {
  const advice = 'correct `source_ami` in nodes.yaml';
  if (!('owners' in wanted)) return `${wanted.id} in this region: ${advice}`;
  const { name, ...others } = wanted.filters;
  const also = Object.entries(others).map(([key, value]) => `${key} ${value}`);
  const like = name === undefined ? '' : ` named '${name}'`;
  const filters = also.length === 0 ? '' : ` (${also.join(', ')})`;
  const it = wanted.id === undefined ? '' : `${wanted.id} `;
  return `${it}of owner ${wanted.owners.join(', ')}${like}${filters}: ${advice}`;
}
