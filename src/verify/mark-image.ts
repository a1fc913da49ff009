import type { Image } from '@aws-sdk/client-ec2';
import { codeOf, malformed } from '../aws/ec2-failure.ts';
import { imageOf } from '../aws/images.ts';
import { notOursSentence } from '../aws/ours.ts';
import { tag, tagMap, tagText } from '../aws/tags.ts';

/** Calls that change tags, in the names of EC2's API. */
export interface TagCalls {
  createTags: (ids: string[], tags: { Key: string; Value: string }[]) => Promise<unknown>;
  deleteTags: (ids: string[], tags: { Key: string }[]) => Promise<unknown>;
}

/** The images of a region and their tags, in the names of EC2's API. */
export interface ImageTags extends TagCalls {
  region: string;
  /** The images with these ids. */
  describe: (ids: string[]) => Promise<{ Images?: Image[] | undefined }>;
}

/** What verify says of an image: that it is good, or why it is not. */
export type Mark = 'verified' | { rejected: string };

/** What became of an image's tags. */
export interface Marked {
  /** Why it is not marked as it was to be. */
  why?: string;
  /** What it is by its tags now, and what its copies are to be; absent: as before. */
  mark?: Mark;
}

/**
 * Tags a node's image as verified. Answers why it does not: the image is gone, not available, or another node's; or it
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
): Promise<Marked> {
  return mark(ec2, imageId, node, async (tags, image) => {
    const before = tags.get(tag.rejected);
    if (before !== undefined && !isExamined) {
      const why = `the image ${imageId} was rejected (${before}): it stays rejected until verify --boot passes it`;
      return { why, mark: { rejected: before } };
    }
    const left = leftVolumes(image, kept);
    if (left !== undefined) {
      const rejected = { rejected: left };
      await setMark(ec2, [imageId], rejected);
      return { why: left, mark: rejected };
    }
    await setMark(ec2, [imageId], 'verified');
    return { mark: 'verified' };
  });
}

/**
 * Tags a node's image as rejected, with the reason, and removes the tag of a verified one that an earlier verify set.
 * Answers as {@link markVerified} does; its copies are to be rejected also where the image is gone.
 * @throws CloudError when the cloud is not available.
 */
export async function markRejected(
  ec2: ImageTags,
  imageId: string,
  node: string,
  reason: string,
): Promise<Marked> {
  const rejected = { rejected: reason };
  const { why } = await mark(ec2, imageId, node, async () => {
    await setMark(ec2, [imageId], rejected);
    return {};
  });
  return { ...(why !== undefined && { why }), mark: rejected };
}

/** Gives images the tag of the one mark, and takes that of the other away. */
export async function setMark(ec2: TagCalls, ids: string[], mark: Mark): Promise<void> {
  const [is, other] =
    mark === 'verified'
      ? [{ Key: tag.verified, Value: 'true' }, tag.rejected]
      : [{ Key: tag.rejected, Value: tagText(mark.rejected) }, tag.verified];
  // In this order: when it is cut off in between, the image is neither, and not both.
  await ec2.deleteTags(ids, [{ Key: other }]);
  await ec2.createTags(ids, [is]);
}

async function mark(
  ec2: ImageTags,
  imageId: string,
  node: string,
  how: (tags: Map<string, string>, image: Image) => Promise<Marked>,
): Promise<Marked> {
  const gone = `the image ${imageId} does not exist in ${ec2.region}: build the node again`;
  try {
    const { Images: images } = await ec2.describe([imageId]);
    if (images === undefined) throw malformed('DescribeImages');
    const [image] = images;
    if (image === undefined) return { why: gone };
    if (image.State !== 'available')
      return { why: `the image ${imageId} is ${image.State ?? 'in no state'}, not available` };
    const tags = tagMap(image.Tags);
    const owner = tags.get(tag.node);
    if (owner !== node) {
      const is = owner ?? 'missing';
      return { why: `the image ${imageId} is not tagged as one of ${node}: its ${tag.node} is ${is}` };
    }
    const { notOurs } = imageOf(image);
    if (notOurs !== undefined)
      return { why: `the image ${imageId} is not one of a bake: ${notOursSentence(notOurs)}` };
    return await how(tags, image);
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return { why: gone };
    // An answer of EC2, such as TagLimitExceeded: the other images can be tagged all the same.
    if (error instanceof Error && '$metadata' in error) {
      return { why: `the image ${imageId} cannot be tagged: ${codeOf(error)}: ${error.message}` };
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
