import type { Image } from '@aws-sdk/client-ec2';
import { codeOf, malformed } from '../../aws/ec2-failure.ts';
import { leftVolumes } from './left-volumes.ts';
import { imageOf } from '../../aws/images.ts';
import { notOursSentence } from '../../aws/ours.ts';
import { tag, tagMap } from '../../aws/tags.ts';

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
 * tagged: it is gone, not available, or another node's; or it was rejected, and this verify did not look at servers. One
 * whose servers would leave volumes behind is tagged as rejected.
 * @param kept devices whose volumes may stay, since the pack says so
 * @throws CloudError when the cloud is not available.
 */
export async function markVerified(
  ec2: MarkWorld,
  imageId: string,
  node: string,
  isBooted: boolean,
  kept: readonly string[],
): Promise<string | undefined> {
  return mark(ec2, imageId, node, async (tags, image) => {
    const before = tags.get(tag.rejected);
    if (before !== undefined && !isBooted)
      return `the image ${imageId} was rejected (${before}): only verify --boot can pass it now`;
    const left = leftVolumes(image, kept);
    if (left !== undefined) {
      await reject(ec2, imageId, left);
      return left;
    }
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
  return mark(ec2, imageId, node, async () => {
    await reject(ec2, imageId, reason);
    return undefined;
  });
}

async function reject(ec2: MarkWorld, imageId: string, reason: string): Promise<void> {
  const value = reason.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  // Never half of a sign that takes two places.
  const cut = value.slice(0, maxTagLength - 1).replace(/[\ud800-\udbff]$/, '');
  const shown = value.length > maxTagLength ? `${cut}…` : value;
  await ec2.deleteTags([imageId], [{ Key: tag.verified }]);
  await ec2.createTags([imageId], [{ Key: tag.rejected, Value: shown }]);
}

async function mark(
  ec2: MarkWorld,
  imageId: string,
  node: string,
  how: (tags: Map<string, string>, image: Image) => Promise<string | undefined>,
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
    return await how(tags, image);
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return gone;
    // An answer of EC2, such as TagLimitExceeded: the other images can be tagged all the same.
    if (error instanceof Error && '$metadata' in error) {
      return `the image ${imageId} cannot be tagged: ${codeOf(error)}: ${error.message}`;
    }
    throw error;
  }
}
