import type { EC2Client, SecurityGroup } from '@aws-sdk/client-ec2';
import type { Node } from '../nodes/node.ts';
import { codeOf, malformed } from './ec2-failure.ts';
import { sdk } from './sdk.ts';

const { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, DescribeVpcsCommand } =
  sdk('@aws-sdk/client-ec2');

/** The group that every bake's instance is in; the account's owner makes it, open for ssh from the agents only. */
export const bakeGroup = 'packer';

/** The account lacks something that a bake of this node needs; the message says what to do. */
export class PreflightError extends Error {
  readonly exitCode = 3;
}

/**
 * The VPC of a bake: the pack's own, its subnet's, or the default one.
 * @throws PreflightError in a sentence; CloudError when the cloud is not available.
 */
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
  const { Vpcs: vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: isDefault }));
  if (vpcs === undefined) throw malformed('DescribeVpcs');
  if (vpcs[0]?.VpcId !== undefined) return vpcs[0].VpcId;
  throw new PreflightError(
    'this region has no default VPC: name a subnet as `packer: {subnet_id: …}` in nodes.yaml',
  );
}

/** The groups in a VPC with the name that bakes look for: one where all is well. */
export async function bakeGroups(ec2: EC2Client, vpc: string): Promise<SecurityGroup[]> {
  const filters = [
    { Name: 'group-name', Values: [bakeGroup] },
    { Name: 'vpc-id', Values: [vpc] },
  ];
  const { SecurityGroups: groups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: filters }));
  if (groups === undefined) throw malformed('DescribeSecurityGroups');
  return groups;
}

/** What a call answers; nothing where it throws an error of one of these codes. */
export async function orNothing<T extends object>(call: Promise<T>, ...codes: string[]): Promise<Partial<T>> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) return {};
    throw error;
  }
}
