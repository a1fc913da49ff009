import type { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { type BakePlace, bakePlaces, missingTypes, type WantedPlace } from '../../src/aws/bake-place.ts';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { preflight } from '../../src/build/preflight.ts';
import type { PackQuery } from '../../src/generate/pack-query.ts';
import { launchServers } from '../../src/verify/boot/launch-servers.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

interface Asked {
  Filters?: { Name: string; Values: string[] }[];
  SubnetIds?: string[];
  ImageIds?: string[];
}
type Row = Record<string, string | number | boolean>;

const subnets: Row[] = [
  {
    SubnetId: 'subnet-a',
    VpcId: 'vpc-1',
    AvailableIpAddressCount: 5,
    'tag:Name': 'private',
    state: 'available',
  },
  {
    SubnetId: 'subnet-b',
    VpcId: 'vpc-2',
    AvailableIpAddressCount: 9,
    'tag:Name': 'private',
    state: 'available',
  },
  {
    SubnetId: 'subnet-c',
    VpcId: 'vpc-2',
    AvailableIpAddressCount: 1,
    'tag:Name': 'build',
    state: 'available',
  },
];
const groups: Row[] = [
  { GroupId: 'sg-1', GroupName: 'packer', VpcId: 'vpc-2' },
  { GroupId: 'sg-2', GroupName: 'redis', VpcId: 'vpc-2' },
  { GroupId: 'sg-3', GroupName: 'redis', VpcId: 'vpc-0' },
  { GroupId: 'sg-4', GroupName: 'packer', VpcId: 'vpc-0' },
];
const vpcs: Row[] = [
  { VpcId: 'vpc-0', 'is-default': true, 'tag:T': 'x' },
  { VpcId: 'vpc-1', 'tag:T': 'x' },
  { VpcId: 'vpc-2', 'tag:T': 'y' },
];
const keys: Record<string, string> = {
  'group-name': 'GroupName',
  'group-id': 'GroupId',
  'vpc-id': 'VpcId',
  'instance-type': 'InstanceType',
};
const denied = new CloudError('denied', 'ec2:DescribeInstanceTypeOfferings is denied', undefined);

/** An EC2 with these rows, that filters as EC2 does. */
function ec2Of({
  images = [] as object[],
  types = ['t3.small'] as string[] | CloudError,
  without = '',
} = {}) {
  const asked: Asked[] = [];
  const send = (command: { input: Asked; constructor: { name: string } }) => {
    const { input } = command;
    asked.push(input);
    const select = (rows: Row[]) =>
      rows.filter((row) =>
        (input.Filters ?? []).every(({ Name, Values }) => Values.includes(String(row[keys[Name] ?? Name]))),
      );
    const name = command.constructor.name;
    if (name === 'DescribeImagesCommand') return Promise.resolve({ Images: images });
    if (name === 'DescribeVpcsCommand') return Promise.resolve({ Vpcs: select(vpcs) });
    if (name === 'DescribeSecurityGroupsCommand')
      return Promise.resolve({
        SecurityGroups: select(groups.filter(({ GroupName }) => GroupName !== without)),
      });
    if (name === 'DescribeInstanceTypeOfferingsCommand') {
      if (types instanceof CloudError) return Promise.reject(types);
      return Promise.resolve({
        InstanceTypeOfferings: select(types.map((InstanceType) => ({ InstanceType }))),
      });
    }
    if (name === 'RunInstancesCommand') return Promise.resolve({ Instances: [{ InstanceId: 'i-1' }] });
    if (name === 'ImportKeyPairCommand') return Promise.resolve({});
    const found = select(subnets).filter(({ SubnetId: id }) => input.SubnetIds?.includes(String(id)) ?? true);
    if (found.length > 0 || input.SubnetIds === undefined) return Promise.resolve({ Subnets: found });
    return Promise.reject(Object.assign(new Error('no'), { name: 'InvalidSubnetID.NotFound' }));
  };
  return { ec2: { send } as unknown as EC2Client, asked };
}

const ours = { filters: { 'group-name': 'packer' } };
const place = ({ groups: found, ...where }: BakePlace) => ({
  ...where,
  ...(found && { groups: found.map(({ GroupId: id }) => id) }),
});

describe('the place of a bake is the one that Packer will choose:', () => {
  test.each<[string, WantedPlace, object[]]>([
    ['the default VPC', { groups: ours }, [{ vpc: 'vpc-0', groups: ['sg-4'] }]],
    ['the VPC of a subnet', { subnet: { id: 'subnet-c' }, groups: ours }, [{ vpc: 'vpc-2', subnet: 'subnet-c', groups: ['sg-1'] }]],
    ['the one subnet that a filter finds', { subnet: { filters: { 'tag:Name': 'build' }, pick: 'only' }, groups: ours }, [{ vpc: 'vpc-2', subnet: 'subnet-c', groups: ['sg-1'] }]],
    ['the subnet with the most free addresses', { subnet: { filters: { 'tag:Name': 'private' }, pick: 'most-free' }, groups: ours }, [{ vpc: 'vpc-2', subnet: 'subnet-b', groups: ['sg-1'] }]],
    ['any of several subnets', { subnet: { filters: { 'tag:Name': 'private' }, pick: 'any' }, groups: ours }, [{ vpc: 'vpc-1', subnet: 'subnet-a', groups: [] }, { vpc: 'vpc-2', subnet: 'subnet-b', groups: ['sg-1'] }]],
    ['a subnet of the VPC that a filter finds', { vpc: { filters: { 'tag:T': 'y' } }, subnet: { filters: { 'tag:Name': 'private' }, pick: 'only' }, groups: ours }, [{ vpc: 'vpc-2', subnet: 'subnet-b', groups: ['sg-1'] }]],
    ['groups by their ids', { subnet: { id: 'subnet-c' }, groups: { ids: ['sg-2'] } }, [{ vpc: 'vpc-2', subnet: 'subnet-c', groups: ['sg-2'] }]],
    ['no group, where Packer makes one', { vpc: { id: 'vpc-1' }, groups: 'temporary' }, [{ vpc: 'vpc-1' }]],
  ])('%s', async (_, query, places) => {
    expect((await bakePlaces(ec2Of().ec2, query)).map(place)).toEqual(places);
  }); // prettier-ignore

  test.each<[string, WantedPlace, string]>([
    ['a subnet that is not there', { subnet: { id: 'subnet-z' }, groups: ours }, 'subnet-z does not exist'],
    ['a filter that finds no subnet', { subnet: { filters: { 'tag:Name': 'none' }, pick: 'most-free' }, groups: ours }, 'no subnet matches tag:Name=none'],
    ['a filter that finds two for one', { subnet: { filters: { 'tag:Name': 'private' }, pick: 'only' }, groups: ours }, '2 subnets match'],
    ['a filter that finds two VPCs', { vpc: { filters: { 'tag:T': 'x' } }, groups: ours }, '2 VPCs match tag:T=x, not one'],
    ['a subnet of another VPC', { vpc: { id: 'vpc-1' }, subnet: { id: 'subnet-c' }, groups: ours }, 'subnet-c is in vpc-2, not in vpc-1'],
  ])('%s is none', async (_, query, why) => {
    await expect(bakePlaces(ec2Of().ec2, query)).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(why) });
  }); // prettier-ignore
});

const [redis] = parseNodes('redis: {group: redis, size: t3.small}').nodes;
if (redis === undefined) throw new Error('a node');
const filter = { owners: ['self'], filters: { name: 'base-*' }, mostRecent: true, includeDeprecated: false };
const queryOf = (over: Partial<PackQuery> = {}, where: object = {}): PackQuery => ({
  source: { unknown: 'not asked' },
  place: { subnet: { id: 'subnet-c' }, groups: ours, types: ['t3.small'], sshPort: 22, ...where },
  takesSource: true,
  ...over,
});
const image = (ImageId: string, day: number, tags: object[] = []) => ({
  ...{ ImageId, State: 'available', CreationDate: `2026-01-0${day}T00:00:00.000Z`, Tags: tags },
});
const rejected = [{ Key: 'bakehouse:rejected', Value: 'no' }];

describe('before a bake the account', () => {
  test('that has all is said to Packer and to the record', async () => {
    const source = { id: 'ami-1' };
    expect(await preflight(ec2Of({ images: [image('ami-1', 1)] }).ec2, redis, queryOf({ source }))).toEqual({
      vpc: 'vpc-2',
      source: 'ami-1',
      place: { vpc: 'vpc-2', subnet: 'subnet-c', groups: ['sg-1'] },
    });
  });

  test("may have the group of the node's servers in another VPC than that of the bake", async () => {
    const pack = queryOf({}, { subnet: { id: 'subnet-a' }, groups: 'temporary' });
    expect(await preflight(ec2Of().ec2, redis, pack)).toMatchObject({ vpc: 'vpc-1' });
  });

  test.each<[string, PackQuery, object, number, string]>([
    ['lacks the group of bakes', queryOf({}, { groups: { filters: { 'group-name': 'agents' } } }), {}, 4, "no security group named 'agents' in vpc-2: create it"],
    ['lacks a group named by its id', queryOf({}, { groups: { ids: ['sg-1', 'sg-9'] } }), {}, 4, 'no security group sg-9 in vpc-2'],
    ['has a group named by its id elsewhere', queryOf({}, { groups: { ids: ['sg-4'] } }), {}, 4, 'no security group sg-4 in vpc-2'],
    ["lacks the group of the node's servers in every VPC", queryOf(), { without: 'redis' }, 4, "no security group named 'redis' in this region"],
    ['lacks a group where Packer may bake', queryOf({}, { subnet: { filters: { 'tag:Name': 'private' }, pick: 'any' } }), {}, 4, "named 'packer' in vpc-1"],
    ['does not offer the type of the bake', queryOf({}, { types: ['m2.2xlarge'] }), {}, 4, 'does not offer the instance type m2.2xlarge: correct `size`'],
    ["does not offer the type of the node's servers", queryOf(), { types: [] }, 4, 'does not offer the instance type t3.small'],
    ['has no such source image', queryOf({ source: filter }), {}, 3, 'no source image of owner self'],
    ['has only rejected source images', queryOf({ source: filter }), { images: [image('ami-1', 1, rejected)] }, 3, 'but ami-1, which verify has rejected'],
    ['has a revoked source image', queryOf({ source: { id: 'ami-1' } }), { images: [image('ami-1', 1, [{ Key: 'bakehouse:revoked', Value: 'CVE' }])] }, 3, 'the source image ami-1 was revoked (CVE)'],
    ['has a rejected source image that Packer would take', queryOf({ source: filter, takesSource: false }), { images: [image('ami-1', 1), image('ami-2', 2, rejected)] }, 3, 'Packer would take ami-2'],
  ])('that %s ends the bake before a machine boots', async (_, pack, account, exitCode, why) => {
    await expect(preflight(ec2Of(account).ec2, redis, pack)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(why) });
  }); // prettier-ignore

  test('makes the pack take the newest source image that verify has not rejected', async () => {
    const images = [image('ami-1', 1), image('ami-2', 2), image('ami-3', 3, rejected)];
    expect(await preflight(ec2Of({ images }).ec2, redis, queryOf({ source: filter }))).toMatchObject({
      source: 'ami-2',
    });
    const older = [image('ami-1', 1, rejected), image('ami-2', 2)];
    const itsOwn = queryOf({ source: filter, takesSource: false });
    expect(await preflight(ec2Of({ images: older }).ec2, redis, itsOwn)).not.toHaveProperty('source');
  });

  test('is not judged where the pack asks another account, nor a type that may not be asked for', async () => {
    const unknown = { unknown: 'the pack has a region of its own' };
    expect(await preflight(ec2Of().ec2, redis, queryOf({ source: unknown, place: unknown }))).toEqual({
      vpc: '*',
    });
    expect(await preflight(ec2Of({ types: denied }).ec2, redis, queryOf())).toMatchObject({ vpc: 'vpc-2' });
    await expect(
      missingTypes(ec2Of({ types: new CloudError('server', 'no', undefined) }).ec2, ['t3.small']),
    ).rejects.toMatchObject({ exitCode: 4 });
  });

  test('needs one of the types of a spot request only', async () => {
    const pack = queryOf({}, { types: ['m2.2xlarge', 't3.small'] });
    expect(await preflight(ec2Of().ec2, redis, pack)).toMatchObject({ vpc: 'vpc-2' });
  });
});

test("servers of an image are launched where it was baked, in the bake's groups and the node's", async () => {
  const { ec2, asked } = ec2Of();
  const image = { node: redis, run: 'r', imageId: 'ami-1' };
  const baked = { vpc: 'vpc-2', subnet: 'subnet-c', groups: ['sg-9'] };
  await launchServers(ec2, { ...image, place: baked }, 'key');
  expect(asked.at(-1)).toMatchObject({ SubnetId: 'subnet-c', SecurityGroupIds: ['sg-9', 'sg-2'] });
  await launchServers(ec2, image, 'key');
  expect(asked.at(-1)).toMatchObject({ SecurityGroupIds: ['sg-3', 'sg-4'] });
});
