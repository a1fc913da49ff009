import type { EC2Client } from '@aws-sdk/client-ec2';
import { connect } from './connect.ts';
import { sdk } from './sdk.ts';

/**
 * The client of EC2: see {@link connect}.
 * @throws CloudError (exit 4) when the region or the credentials are missing.
 */
export async function connectEc2(): Promise<EC2Client> {
  const { EC2Client: Client } = sdk('@aws-sdk/client-ec2');
  return connect('ec2', (common) => new Client(common));
}
