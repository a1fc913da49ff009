import type { Image as Ec2Image } from '@aws-sdk/client-ec2';
import { CloudError, codeOf } from './ec2-failure.ts';
import { collectPages, type Page } from './answers.ts';
import { tag, tagMap } from './tags.ts';

/** Which source image a pack asks for, in the words of Packer's amazon-ebs. */
export type SourceOrder =
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
 * Finds source images as Packer does: the newest match by its creation date, to the second; an order that several
 * match without asking for the newest is wrong. What verify has rejected is none, unless the order names it by its id. Each
 * order is asked for once. Answers why there is none as a sentence's
 * rest; the function throws a CloudError when the cloud is not available.
 */
export function sourceFinder(
  describe: DescribeSources,
): (order: SourceOrder) => Promise<SourceImage | { why: string }> {
  const known = new Map<string, Promise<SourceImage | { why: string }>>();
  return (order) => {
    const key = JSON.stringify(order);
    const found = known.get(key) ?? findSource(describe, order);
    known.set(key, found);
    return found;
  };
}

async function findSource(
  describe: DescribeSources,
  order: SourceOrder,
): Promise<SourceImage | { why: string }> {
  try {
    const found = await imagesOf(describe, order);
    const images = isFilterOnly(order) ? found.filter((image) => !isRejected(image)) : found;
    const image = newest(images);
    if (image?.ImageId === undefined) {
      const rejected =
        found.length === 0 ? '' : `but ${idsOf(found).join(', ')}, which verify has rejected, `;
      return { why: `there is no source image ${rejected}${shown(order)}` };
    }
    if (images.length > 1 && isFilterOnly(order) && !order.mostRecent)
      return {
        why: `without most_recent there must be one source image, not ${images.length}, ${shown(order)}`,
      };
    const { ImageId: id, Name: name = '', State: state = 'in no state' } = image;
    if (state !== 'available') return { why: `the source image ${id} is ${state}, not available` };
    const passedOver = passedOverBy(found, image, order);
    return { id, name, ...(passedOver.length > 0 && { passedOver }) };
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return { why: `there is no source image ${shown(order)}` };
    // An answer of EC2 to what this one pack asks, such as InvalidParameterValue for a filter that there is not.
    if (error instanceof Error && !(error instanceof CloudError) && '$metadata' in error)
      return {
        why: `EC2 does not look (${codeOf(error)}: ${error.message}) for a source image ${shown(order)}`,
      };
    throw error;
  }
}

type FilterOrder = Extract<SourceOrder, { owners: unknown }>;

function isFilterOnly(order: SourceOrder): order is FilterOrder {
  return order.id === undefined;
}

function isRejected(image: Ec2Image): boolean {
  return tagMap(image.Tags).has(tag.rejected);
}

/** The rejected images that keep Packer from taking this one by the filter alone. */
function passedOverBy(found: readonly Ec2Image[], image: Ec2Image, order: SourceOrder): string[] {
  if (!isFilterOnly(order)) return [];
  const rejected = found.filter(isRejected);
  return idsOf(order.mostRecent ? rejected.filter((other) => newest([other, image]) === other) : rejected);
}

function idsOf(images: readonly Ec2Image[]): string[] {
  return images.flatMap(({ ImageId: id }) => id ?? []);
}

async function imagesOf(describe: DescribeSources, order: SourceOrder): Promise<Ec2Image[]> {
  const call = 'ec2:DescribeImages';
  const { id } = order;
  const query = {
    // EC2 takes no MaxResults along with ids.
    ...(id === undefined ? { MaxResults: pageSize } : { ImageIds: [id] }),
    ...('owners' in order && {
      Owners: [...order.owners],
      Filters: Object.entries(order.filters).map(([Name, value]) => ({ Name, Values: [value] })),
      ...(order.includeDeprecated ? { IncludeDeprecated: true } : {}),
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
  const order = (a: Ec2Image, b: Ec2Image) => {
    const [before, after] = [second(a), second(b)];
    if (before !== after) return before < after ? 1 : -1;
    return (a.ImageId ?? '') < (b.ImageId ?? '') ? 1 : -1;
  };
  return images.toSorted(order)[0];
}

function shown(order: SourceOrder): string {
  const advice = 'correct `source_ami` in nodes.yaml';
  if (!('owners' in order)) return `${order.id} in this region: ${advice}`;
  const { name, ...others } = order.filters;
  const also = Object.entries(others).map(([key, value]) => `${key} ${value}`);
  const like = name === undefined ? '' : ` named '${name}'`;
  const filters = also.length === 0 ? '' : ` (${also.join(', ')})`;
  const it = order.id === undefined ? '' : `${order.id} `;
  return `${it}of owner ${order.owners.join(', ')}${like}${filters}: ${advice}`;
}
