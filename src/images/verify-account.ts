import { CreateTagsCommand, DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { connectEc2 } from './ec2.ts';
import { markVerified, type MarkWorld } from './mark-verified.ts';

/**
 * What verify asks of the account.
 * @throws CloudError when region or credentials are missing.
 */
export async function verifyAccount() {
  const ec2 = await connectEc2();
  const world: MarkWorld = {
    region: await ec2.config.region(),
    describe: (ids) => ec2.send(new DescribeImagesCommand({ ImageIds: ids })),
    createTags: (ids, tags) => ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tags })),
  };
  return { markVerified: markVerified.bind(undefined, world) };
}
