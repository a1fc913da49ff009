import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Node, SourceAmi } from '../nodes/node.ts';
import { bakeGroup, bakeGroups, orNothing, PreflightError, vpcOf } from './bake-vpc.ts';
import { sdk } from './sdk.ts';

const { DescribeImagesCommand, paginateDescribeImages } = sdk('@aws-sdk/client-ec2');

/**
 * Looks, before a machine is paid for, whether the node's source image is there and the bake's security group
 * is there once. Answers the VPC of the bake.
 * @throws PreflightError in a sentence; CloudError when the cloud is not available.
 */
export async function preflight(ec2: EC2Client, node: Node): Promise<{ vpc: string }> {
  await checkSource(ec2, node.sourceAmi);
  const vpc = await vpcOf(ec2, node.packer);
  const groups = await bakeGroups(ec2, vpc);
  if (groups.length === 1) return { vpc };
  throw new PreflightError(
    groups.length === 0
      ? `there is no security group named '${bakeGroup}' in ${vpc}: create it, open for ssh from where you bake`
      : `${groups.length} security groups are named '${bakeGroup}' in ${vpc}: leave one`,
  );
}

async function checkSource(ec2: EC2Client, source: SourceAmi): Promise<void> {
  if ('id' in source) {
    const byId = new DescribeImagesCommand({ ImageIds: [source.id] });
    const { Images: images = [] } = await orNothing(
      ec2.send(byId),
      'InvalidAMIID.NotFound',
      'InvalidAMIID.Malformed',
    );
    if (images[0]?.State === 'available') return;
    const state = images[0]?.State === undefined ? 'does not exist in this region' : `is ${images[0].State}`;
    throw new PreflightError(`the source image ${source.id} ${state}: correct \`source_ami\` in nodes.yaml`);
  }
  // A page without a match is not the end: EC2 filters after it cuts pages.
  const pages = paginateDescribeImages(
    { client: ec2, pageSize: 100 },
    {
      Owners: [source.owner],
      Filters: [
        { Name: 'name', Values: [source.name] },
        { Name: 'state', Values: ['available'] },
      ],
    },
  );
  for await (const page of pages) if ((page.Images ?? []).length > 0) return;
  throw new PreflightError(
    `no source image of owner ${source.owner} has a name like '${source.name}': correct \`source_ami\` in nodes.yaml`,
  );
}
