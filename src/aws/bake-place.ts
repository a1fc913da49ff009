import { StageError } from '../lib/errors.ts';
import type { EC2Client, Filter, SecurityGroup, Subnet } from '@aws-sdk/client-ec2';
import { CloudError, codeOf, malformed } from './ec2-failure.ts';
import { collectPages } from './answers.ts';
import { sdk } from './sdk.ts';

const {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} = sdk('@aws-sdk/client-ec2');

/** The group of a bake's instance unless the pack says another; the account's owner makes it, open for ssh from the agents. */
export const bakeGroup = 'packer';

/** The account lacks what a bake of this node needs; the message says what to do. */
export class PreflightError extends StageError {
  /** @param options `exitCode` 3: nodes.yaml names what there is not; 4: once the account is ready, it is worth a retry */
  constructor(message: string, options: ErrorOptions & { exitCode?: 3 | 4 } = {}) {
    super(message, options.exitCode ?? 3, options);
  }
}

type Filters = Readonly<Record<string, string>>;

/** Where a pack's instance is launched, and in which groups, in the words of Packer's amazon-ebs. */
export interface WantedPlace {
  vpc?: { id: string } | { filters: Filters };
  subnet?: { id: string } | { filters: Filters; pick: 'only' | 'any' | 'most-free' };
  zone?: string;
  groups: { ids: readonly string[] } | { filters: Filters } | 'temporary';
}

/** A place where Packer may launch the instance of a bake. */
export interface BakePlace {
  vpc: string;
  /** Absent: the default one of the VPC. */
  subnet?: string;
  /** Those that the instance will be in; absent: Packer makes one for the bake. */
  groups?: SecurityGroup[];
}

/**
 * Where Packer will bake, in the VPC of the subnet that it will choose; of several that it may choose, each is a place.
 * @throws PreflightError in a sentence when VPC or subnet are not there, or one place of several; CloudError when the
 * cloud is not available.
 */
export async function bakePlaces(ec2: EC2Client, wanted: WantedPlace): Promise<[BakePlace, ...BakePlace[]]> {
  const named = wanted.vpc === undefined ? undefined : await vpcOf(ec2, wanted.vpc);
  const subnets = wanted.subnet === undefined ? [] : await subnetsOf(ec2, wanted.subnet, wanted.zone, named);
  const [first, ...others] = await Promise.all(
    (subnets.length === 0 ? [undefined] : subnets).map(async (subnet): Promise<BakePlace> => {
      const vpc = subnet?.VpcId ?? named ?? (await defaultVpc(ec2));
      if (named !== undefined && vpc !== named)
        throw new PreflightError(
          `the subnet ${subnet?.SubnetId ?? ''} is in ${vpc}, not in ${named}: correct \`packer\` in nodes.yaml`,
        );
      const groups = wanted.groups === 'temporary' ? undefined : await groupsOf(ec2, wanted.groups, vpc);
      return { vpc, ...(subnet?.SubnetId && { subnet: subnet.SubnetId }), ...(groups && { groups }) };
    }),
  );
  if (first === undefined) throw new Error('a bake has a place');
  return [first, ...others];
}

/**
 * Why nothing can be launched in these groups, as a sentence; undefined: they are there.
 * @throws nothing
 */
export function whyNoGroups({ vpc, groups }: BakePlace, { groups: wanted }: WantedPlace): string | undefined {
  if (groups === undefined || wanted === 'temporary') return undefined;
  if ('ids' in wanted) {
    const there = groups.filter(({ VpcId: its }) => its === undefined || its === vpc);
    const missing = wanted.ids.filter((id) => !there.some(({ GroupId: its }) => its === id));
    return missing.length === 0
      ? undefined
      : `there is no security group ${missing.join(', ')} in ${vpc}: correct \`packer.security_group_ids\` in nodes.yaml`;
  }
  if (groups.length > 0) return undefined;
  const { 'group-name': name, ...others } = wanted.filters;
  const like = [...(name === undefined ? [] : [`named '${name}'`]), ...shown(others)].join(', ');
  return `there is no security group ${like} in ${vpc}: create it, open for ssh from where you bake`;
}

/** Those of a node's groups that no VPC of the region has: its servers may be in another one than its bakes. */
export async function missingGroups(ec2: EC2Client, names: readonly string[]): Promise<string[]> {
  const found = await describeGroups(ec2, filtersOf({}, { 'group-name': names }));
  return names.filter((name) => !found.some(({ GroupName: its }) => its === name));
}

/** Those of these instance types that the region does not offer; none where the call is denied: then it is not known. */
export async function missingTypes(ec2: EC2Client, types: readonly string[]): Promise<string[]> {
  const query = { Filters: filtersOf({}, { 'instance-type': [...new Set(types)] }) };
  try {
    const offered = await collectPages(
      (next) => ec2.send(new DescribeInstanceTypeOfferingsCommand({ ...query, ...next })),
      ({ InstanceTypeOfferings: page }) => page,
      'ec2:DescribeInstanceTypeOfferings',
    );
    return types.filter((type) => !offered.some(({ InstanceType: its }) => (its as string) === type));
  } catch (error) {
    if (error instanceof CloudError && error.problem === 'denied') return [];
    throw error;
  }
}

async function vpcOf(ec2: EC2Client, wanted: { id: string } | { filters: Filters }): Promise<string> {
  if ('id' in wanted) return wanted.id;
  const found = await collectPages(
    (next) => ec2.send(new DescribeVpcsCommand({ Filters: filtersOf(wanted.filters), ...next })),
    ({ Vpcs: page }) => page,
    'ec2:DescribeVpcs',
  );
  const [vpc] = found;
  if (vpc?.VpcId !== undefined && found.length === 1) return vpc.VpcId;
  throw new PreflightError(
    `${found.length} VPCs match ${shown(wanted.filters).join(', ')}, not one: correct \`packer.vpc_filter\` in nodes.yaml`,
  );
}

async function defaultVpc(ec2: EC2Client): Promise<string> {
  const isDefault = [{ Name: 'is-default', Values: ['true'] }];
  const { Vpcs: vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: isDefault }));
  if (vpcs === undefined) throw malformed('ec2:DescribeVpcs');
  if (vpcs[0]?.VpcId !== undefined) return vpcs[0].VpcId;
  throw new PreflightError(
    'this region has no default VPC: name a subnet as `packer: {subnet_id: …}` in nodes.yaml',
  );
}

/** The subnets that Packer may choose. */
async function subnetsOf(
  ec2: EC2Client,
  wanted: NonNullable<WantedPlace['subnet']>,
  zone: string | undefined,
  vpc: string | undefined,
): Promise<Subnet[]> {
  if ('id' in wanted) {
    const call = ec2.send(new DescribeSubnetsCommand({ SubnetIds: [wanted.id] }));
    const { Subnets: found = [] } = await orNothing(
      call,
      'InvalidSubnetID.NotFound',
      'InvalidSubnetId.Malformed',
    );
    if (found[0]?.VpcId !== undefined) return [found[0]];
    throw new PreflightError(
      `the subnet ${wanted.id} does not exist: correct \`packer.subnet_id\` in nodes.yaml`,
    );
  }
  const filters = {
    ...wanted.filters,
    state: 'available',
    ...(vpc !== undefined && { 'vpc-id': vpc }),
    ...(zone !== undefined && { 'availability-zone': zone }),
  };
  const found = await collectPages(
    (next) => ec2.send(new DescribeSubnetsCommand({ Filters: filtersOf(filters), ...next })),
    ({ Subnets: page }) => page,
    'ec2:DescribeSubnets',
  );
  const like = shown(filters).join(', ');
  if (found.length === 0)
    throw new PreflightError(`no subnet matches ${like}: correct \`packer.subnet_filter\` in nodes.yaml`);
  if (wanted.pick === 'any' || found.length === 1) return found;
  if (wanted.pick === 'only')
    throw new PreflightError(
      `${found.length} subnets match ${like}: say more in \`packer.subnet_filter\`, or \`most_free: true\` there`,
    );
  const free = ({ AvailableIpAddressCount: count = 0 }: Subnet) => count;
  // Of several with the same number Packer takes any.
  return found.filter((subnet) => free(subnet) === Math.max(...found.map(free)));
}

async function groupsOf(
  ec2: EC2Client,
  wanted: Exclude<WantedPlace['groups'], 'temporary'>,
  vpc: string,
): Promise<SecurityGroup[]> {
  if (!('ids' in wanted)) return describeGroups(ec2, filtersOf({ ...wanted.filters, 'vpc-id': vpc }));
  // By a filter: asked by their ids, EC2 says nothing of the others when one is not there.
  return describeGroups(ec2, filtersOf({}, { 'group-id': wanted.ids }));
}

function describeGroups(ec2: EC2Client, filters: Filter[]): Promise<SecurityGroup[]> {
  return collectPages(
    (next) => ec2.send(new DescribeSecurityGroupsCommand({ Filters: filters, ...next })),
    ({ SecurityGroups: page }) => page,
    'ec2:DescribeSecurityGroups',
  );
}

function filtersOf(one: Filters, several: Readonly<Record<string, readonly string[]>> = {}): Filter[] {
  const all = [
    ...Object.entries(one).map(([name, value]) => [name, [value]] as const),
    ...Object.entries(several),
  ];
  return all.map(([Name, Values]) => ({ Name, Values: [...Values] }));
}

function shown(filters: Filters): string[] {
  return Object.entries(filters).map(([name, value]) => `${name}=${value}`);
}

/** What a call answers; nothing where it throws an error of one of these codes. */
async function orNothing<T extends object>(call: Promise<T>, ...codes: string[]): Promise<Partial<T>> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) return {};
    throw error;
  }
}
