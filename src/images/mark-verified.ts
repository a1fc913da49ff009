import type { Image } from '@aws-sdk/client-ec2';
import { codeOf } from './ec2-failure.ts';
import { tag, tagMap } from './tags.ts';

/** What marking an image needs of EC2, in the names of its API. */
export interface MarkWorld {
  region: string;
  /** The images with these ids. */
  describe: (ids: string[]) => Promise<{ Images?: Image[] | undefined }>;
  createTags: (ids: string[], tags: { Key: string; Value: string }[]) => Promise<unknown>;
}

/**
 * Tags a node's image as verified, after a look whether it is what the report speaks of. Answers why it is not
 * tagged: it is gone, not available, or another node's.
 * @throws CloudError when the cloud is not available.
 */
export async function markVerified(
  ec2: MarkWorld,
  imageId: string,
  node: string,
): Promise<string | undefined> {
  const gone = `the image ${imageId} does not exist in ${ec2.region}: build the node again`;
  try {
    const image = (await ec2.describe([imageId])).Images?.[0];
    if (image === undefined) return gone;
    if (image.State !== 'available')
      return `the image ${imageId} is ${image.State ?? 'in no state'}, not available`;
    const owner = tagMap(image.Tags).get(tag.node);
    if (owner !== node) {
      return `the image ${imageId} is not tagged as one of ${node}: its ${tag.node} is ${owner ?? 'missing'}`;
    }
    await ec2.createTags([imageId], [{ Key: tag.verified, Value: 'true' }]);
    return undefined;
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return gone;
    // An answer of EC2, such as TagLimitExceeded: the other images can be tagged all the same.
    if (error instanceof Error && '$metadata' in error) {
      return `the image ${imageId} cannot be tagged: ${codeOf(error)}: ${error.message}`;
    }
    throw error;
  }
}
