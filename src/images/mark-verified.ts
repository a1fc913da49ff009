import type { Image } from '@aws-sdk/client-ec2';
import { codeOf, malformed } from './ec2-failure.ts';
import { imageOf } from './list-images.ts';
import { notOursSentence } from './ours.ts';
import { tag, tagMap } from './tags.ts';

/** What marking an image needs of EC2, in the names of its API. */
export interface MarkWorld {
  region: string;
  /** The images with these ids. */
  describe: (ids: string[]) => Promise<{ Images?: Image[] | undefined }>;
  createTags: (ids: string[], tags: { Key: string; Value: string }[]) => Promise<unknown>;
  deleteTags: (ids: string[], tags: { Key: string }[]) => Promise<unknown>;
}

/** EC2 takes no longer value of a tag. */
const maxTagLength = 256;

/**
 * Tags a node's image as verified, after a look whether it is what the report speaks of. Answers why it is not
 * tagged: it is gone, not available, or another node's; or it was rejected, and this verify did not look at servers.
 * @throws CloudError when the cloud is not available.
 */
export async function markVerified(
  ec2: MarkWorld,
  imageId: string,
  node: string,
  isBooted: boolean,
): Promise<string | undefined> {
  return mark(ec2, imageId, node, async (tags) => {
    const before = tags.get(tag.rejected);
    if (before !== undefined && !isBooted)
      return `the image ${imageId} was rejected (${before}): only verify --boot can pass it now`;
    // In this order: cut off in between, it is neither, and not both.
    await ec2.deleteTags([imageId], [{ Key: tag.rejected }]);
    await ec2.createTags([imageId], [{ Key: tag.verified, Value: 'true' }]);
    return undefined;
  });
}

/**
 * Tags a node's image as rejected, with the reason, and takes the tag of a verified one away, should it have that of
 * an earlier verify. Answers as {@link markVerified} does.
 * @throws CloudError when the cloud is not available.
 */
export async function markRejected(
  ec2: MarkWorld,
  imageId: string,
  node: string,
  reason: string,
): Promise<string | undefined> {
  const value = reason.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  // Never half of a sign that takes two places.
  const cut = value.slice(0, maxTagLength - 1).replace(/[\ud800-\udbff]$/, '');
  const shown = value.length > maxTagLength ? `${cut}…` : value;
  return mark(ec2, imageId, node, async () => {
    await ec2.deleteTags([imageId], [{ Key: tag.verified }]);
    await ec2.createTags([imageId], [{ Key: tag.rejected, Value: shown }]);
    return undefined;
  });
}

async function mark(
  ec2: MarkWorld,
  imageId: string,
  node: string,
  how: (tags: Map<string, string>) => Promise<string | undefined>,
): Promise<string | undefined> {
  const gone = `the image ${imageId} does not exist in ${ec2.region}: build the node again`;
  try {
    const { Images: images } = await ec2.describe([imageId]);
    if (images === undefined) throw malformed('DescribeImages');
    const [image] = images;
    if (image === undefined) return gone;
    if (image.State !== 'available')
      return `the image ${imageId} is ${image.State ?? 'in no state'}, not available`;
    const tags = tagMap(image.Tags);
    const owner = tags.get(tag.node);
    if (owner !== node) {
      return `the image ${imageId} is not tagged as one of ${node}: its ${tag.node} is ${owner ?? 'missing'}`;
    }
    const { notOurs } = imageOf(image);
    if (notOurs !== undefined)
      return `the image ${imageId} is not one of a bake: ${notOursSentence(notOurs)}`;
    return await how(tags);
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return gone;
    // An answer of EC2, such as TagLimitExceeded: the other images can be tagged all the same.
    if (error instanceof Error && '$metadata' in error) {
      return `the image ${imageId} cannot be tagged: ${codeOf(error)}: ${error.message}`;
    }
    throw error;
  }
}
