import { connectEc2 } from '../../aws/connect.ts';
import { markRejected, markVerified, type MarkWorld } from './mark-verified.ts';
import { proveWith } from './proof-account.ts';
import { sdk } from '../../aws/sdk.ts';

const { CreateTagsCommand, DeleteTagsCommand, DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

/**
 * What verify asks of the account.
 * @param signal aborted: servers that were launched to prove an image are terminated
 * @throws CloudError when region or credentials are missing.
 */
export async function verifyEc2(say: (line: string) => void, signal: AbortSignal) {
  const ec2 = await connectEc2();
  const world: MarkWorld = {
    region: await ec2.config.region(),
    describe: (ids) => ec2.send(new DescribeImagesCommand({ ImageIds: ids })),
    createTags: (ids, tags) => ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tags })),
    deleteTags: (ids, tags) => ec2.send(new DeleteTagsCommand({ Resources: ids, Tags: tags })),
  };
  return {
    markVerified: markVerified.bind(undefined, world),
    markRejected: markRejected.bind(undefined, world),
    prove: await proveWith(ec2, say, signal),
  };
}
