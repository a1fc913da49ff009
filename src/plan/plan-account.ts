import { cloudTime, connectEc2 } from '../aws/connect.ts';
import { listImages } from '../aws/images.ts';
import { sdk } from '../aws/sdk.ts';
import { sourceFinder } from '../aws/source-image.ts';

const { DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

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
