import { deleteKey, importKey } from './import-key.ts';
import { connectEc2 } from '../aws/connect.ts';
import { removeNodeLeftovers, removeBakeLeftovers } from '../leftovers/bake-leftovers.ts';
import { requireImdsV2, requireImdsV2OfServers } from './metadata-service.ts';
import { preflight } from './preflight.ts';
import { removeServers } from '../leftovers/verify-servers.ts';
import { sdk } from '../aws/sdk.ts';

const { DescribeSecurityGroupsCommand } = sdk('@aws-sdk/client-ec2');

/**
 * What a bake asks of the account, over one client of EC2.
 * @throws CloudError when region or credentials are missing, or EC2 does not answer.
 */
export async function bakeAccount() {
  const ec2 = await connectEc2();
  // A first call, of no other use: an account that does not answer is told once, not once for each node.
  await ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }));
  return {
    region: await ec2.config.region(),
    preflight: preflight.bind(undefined, ec2),
    importKey: importKey.bind(undefined, ec2),
    deleteKey: deleteKey.bind(undefined, ec2),
    removeLeftovers: removeBakeLeftovers.bind(undefined, ec2),
    removeProof: removeServers.bind(undefined, ec2),
    reap: removeNodeLeftovers.bind(undefined, ec2),
    requireImdsV2: requireImdsV2.bind(undefined, ec2),
    requireImdsV2OfServers: requireImdsV2OfServers.bind(undefined, ec2),
  };
}
