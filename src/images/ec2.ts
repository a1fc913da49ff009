import { EC2Client } from '@aws-sdk/client-ec2';
import { connect } from './connect.ts';

/**
 * The client of EC2: see {@link connect}.
 * @throws CloudError (exit 4) when the region or the credentials are missing.
 */
export async function connectEc2(): Promise<EC2Client> {
  return connect('ec2', (common) => new EC2Client(common));
}

/** The time by EC2's clock where ours is far off, once EC2 has answered. */
export function cloudTime({ config }: Pick<EC2Client, 'config'>): Date {
  return new Date(Date.now() + config.systemClockOffset);
}
