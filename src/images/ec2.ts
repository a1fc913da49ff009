import { EC2Client } from '@aws-sdk/client-ec2';
import { connect } from './connect.ts';

/**
 * The client of EC2: see {@link connect}.
 * @throws CloudError (exit 4) when the region or the credentials are missing.
 */
export async function connectEc2(): Promise<EC2Client> {
  return connect('ec2', (common) => new EC2Client(common));
}
