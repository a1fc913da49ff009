import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Node, SourceAmi } from '../nodes/node.ts';
import { codeOf } from './ec2-failure.ts';
import { sdk } from './sdk.ts';

const {
  DescribeImagesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  paginateDescribeImages,
} = sdk('@aws-sdk/client-ec2');

/** The group that every bake's instance is in; the account's owner makes it, open for ssh from the agents only. */
export const bakeGroup = 'packer';

/** The account lacks something that a bake of this node needs; the message says what to do. */
export class PreflightError extends Error {
  readonly exitCode = 3;
}

/**
 * Looks, before a machine is paid for, whether the node's source image is there and the bake's security group
 * is there once. Answers the VPC of the bake.
 * @throws PreflightError in a sentence; CloudError when the cloud is not available.
 */
export async function preflight(ec2: EC2Client, node: Node): Promise<{ vpc: string }> {
  await checkSource(ec2, node.sourceAmi);
  const vpc = await vpcOf(ec2, node.packer);
  const filters = [
    { Name: 'group-name', Values: [bakeGroup] },
    { Name: 'vpc-id', Values: [vpc] },
  ];
  const { SecurityGroups: groups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: filters }),
  );
  if (groups.length === 1) return { vpc };
  throw new PreflightError(
    groups.length === 0
      ? `there is no security group named '${bakeGroup}' in ${vpc}: create it, open for ssh from where you bake`
      : `${groups.length} security groups are named '${bakeGroup}' in ${vpc}: leave one`,
  );
}

/** The VPC of a bake: the pack's own, its subnet's, or the default one. */
export async function vpcOf(ec2: EC2Client, over: Node['packer']): Promise<string> {
  if (typeof over.vpc_id === 'string') return over.vpc_id;
  const subnet = over.subnet_id;
  if (typeof subnet === 'string') {
    const { Subnets: found = [] } = await orNothing(
      ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnet] })),
      'InvalidSubnetID.NotFound',
    );
    if (found[0]?.VpcId === undefined) {
      throw new PreflightError(
        `the subnet ${subnet} does not exist: correct \`packer.subnet_id\` in nodes.yaml`,
      );
    }
    return found[0].VpcId;
  }
  const isDefault = [{ Name: 'is-default', Values: ['true'] }];
  const { Vpcs: vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: isDefault }));
  if (vpcs[0]?.VpcId !== undefined) return vpcs[0].VpcId;
  throw new PreflightError(
    'this region has no default VPC: name a subnet as `packer: {subnet_id: …}` in nodes.yaml',
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

async function orNothing<T extends object>(call: Promise<T>, ...codes: string[]): Promise<Partial<T>> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) return {};
    throw error;
  }
}
