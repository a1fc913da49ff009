import { connectEc2 } from '../aws/connect.ts';
import { type Image, listImages } from '../aws/images.ts';
import { sdk } from '../aws/sdk.ts';

const { DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

/** What the comparison asks of the account. */
export interface ContentsAccount {
  region: string;
  /** All of this account in the region. */
  images: readonly Image[];
}

/**
 * Lists the images of the account.
 * @throws CloudError when region or credentials are missing, or EC2 does not answer
 */
export async function contentsAccount(): Promise<ContentsAccount> {
  const ec2 = await connectEc2();
  const images = await listImages((query) => ec2.send(new DescribeImagesCommand(query)));
  return { region: await ec2.config.region(), images };
}
