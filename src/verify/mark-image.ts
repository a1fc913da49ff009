import type { Image } from '@aws-sdk/client-ec2';
import { codeOf, malformed } from '../aws/ec2-failure.ts';
import { imageOf } from '../aws/images.ts';
import { notOursSentence } from '../aws/ours.ts';
import { tag, tagMap, tagText } from '../aws/tags.ts';

/** The images of a region and their tags, in the names of EC2's API. */
export interface ImageTags {
  region: string;
  /** The images with these ids. */
  describe: (ids: string[]) => Promise<{ Images?: Image[] | undefined }>;
  createTags: (ids: string[], tags: { Key: string; Value: string }[]) => Promise<unknown>;
  deleteTags: (ids: string[], tags: { Key: string }[]) => Promise<unknown>;
}

/**
 * Tags a node's image as verified. Returns why it does not: the image is gone, not available, or another node's; or it
 * was rejected, and this verify did not examine its servers. An image whose servers would leave volumes behind is
 * tagged as rejected.
 * @param kept devices whose volumes may stay, since the pack says so
 * @throws CloudError when the cloud is not available.
 */
export async function markVerified(
  ec2: ImageTags,
  imageId: string,
  node: string,
  isExamined: boolean,
  kept: readonly string[],
): Promise<string | undefined> {
  return mark(ec2, imageId, node, async (tags, image) => {
    const before = tags.get(tag.rejected);
    if (before !== undefined && !isExamined)
      return `the image ${imageId} was rejected (${before}): it stays rejected until verify --boot passes it`;
    const left = leftVolumes(image, kept);
    if (left !== undefined) {
      await reject(ec2, imageId, left);
      return left;
    }
    // In this order: when it is cut off in between, the image is neither, and not both.
    await ec2.deleteTags([imageId], [{ Key: tag.rejected }]);
    await ec2.createTags([imageId], [{ Key: tag.verified, Value: 'true' }]);
    return undefined;
  });
}

/**
 * Tags a node's image as rejected, with the reason, and removes the tag of a verified one that an earlier verify set.
 * Returns as {@link markVerified} does.
 * @throws CloudError when the cloud is not available.
 */
export async function markRejected(
  ec2: ImageTags,
  imageId: string,
  node: string,
  reason: string,
): Promise<string | undefined> {
  return mark(ec2, imageId, node, async () => {
    await reject(ec2, imageId, reason);
    return undefined;
  });
}

async function reject(ec2: ImageTags, imageId: string, reason: string): Promise<void> {
  await ec2.deleteTags([imageId], [{ Key: tag.verified }]);
  await ec2.createTags([imageId], [{ Key: tag.rejected, Value: tagText(reason) }]);
}

async function mark(
  ec2: ImageTags,
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

/**
 * Why an image is not fit for servers by its volumes: those that EC2 does not delete along with a server, which costs
 * money for ever. Undefined: there is none, or the pack wants it so.
 * @param kept devices whose volumes may stay
 */
function leftVolumes(
  { ImageId: id = '', BlockDeviceMappings: mappings = [] }: Image,
  kept: readonly string[],
): string | undefined {
  const left = mappings.flatMap(({ DeviceName: device = '', Ebs: volume }) =>
    volume === undefined || volume.DeleteOnTermination === true || kept.includes(device) ? [] : [device],
  );
  if (left.length === 0) return undefined;
  return (
    `each server of the image ${id} would leave its volume ${left.join(', ')} behind: ` +
    'map the device in launch_block_device_mappings of `packer` in nodes.yaml, with delete_on_termination: true, or false to keep it'
  );
}
