import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { cloudTime } from './connect.ts';
import { connectEc2 } from './ec2.ts';
import { listImages } from './list-images.ts';
import { sourceFinder } from './source-image.ts';

/**
 * What plan asks of the account, over one client of EC2.
 * @throws CloudError when region or credentials are missing.
 */
export async function planAccount() {
  const ec2 = await connectEc2();
  return {
    region: await ec2.config.region(),
    /** By EC2's clock, once it has answered. */
    now: cloudTime,
    images: () => listImages((query) => ec2.send(new DescribeImagesCommand(query))),
    source: sourceFinder((query) => ec2.send(new DescribeImagesCommand(query))),
  };
}
