import { connectEc2 } from './ec2.ts';
import { removeLeftovers } from './leftovers.ts';
import { requireImdsV2, requireImdsV2OfServers } from './metadata-service.ts';
import { preflight } from './preflight.ts';

/**
 * What a bake asks of the account, over one client of EC2.
 * @throws CloudError when region or credentials are missing.
 */
export async function bakeAccount() {
  const ec2 = await connectEc2();
  return {
    region: await ec2.config.region(),
    preflight: preflight.bind(undefined, ec2),
    removeLeftovers: removeLeftovers.bind(undefined, ec2),
    requireImdsV2: requireImdsV2.bind(undefined, ec2),
    requireImdsV2OfServers: requireImdsV2OfServers.bind(undefined, ec2),
  };
}
