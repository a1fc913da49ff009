import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ImportKeyPairCommand,
  RunInstancesCommand,
  type CreateVolumeCommandInput,
  type Instance,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

/** Answers of the local cloud that once differed from EC2's. */

let api: ApiUnderTest;
let groupId = '';
beforeAll(async () => {
  api = await serveApi();
  const group = await api.ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'd' }));
  groupId = group.GroupId ?? '';
});
afterAll(() => api.close());

async function launch(more: Partial<RunInstancesCommandInput> = {}): Promise<Instance> {
  const one = { ImageId: api.debian, InstanceType: 't3.small' as const, MinCount: 1, MaxCount: 1 };
  const { Instances = [] } = await api.ec2.send(new RunInstancesCommand({ ...one, ...more }));
  return Instances[0] ?? {};
}
const error = (name: string, message: RegExp | string) =>
  expect.objectContaining({ name, message: expect.stringMatching(message) });

describe('Tags', () => {
  test('are absent from what has none', async () => {
    await launch();
    const { Reservations } = await api.ec2.send(new DescribeInstancesCommand({}));
    const { Vpcs } = await api.ec2.send(new DescribeVpcsCommand({}));
    const { SecurityGroups } = await api.ec2.send(new DescribeSecurityGroupsCommand({}));
    for (const one of [Reservations?.[0]?.Instances?.[0], Vpcs?.[0], SecurityGroups?.[0]]) {
      expect(one).toBeDefined();
      expect(one?.Tags).toBeUndefined();
    }
  });

  test('of a key pair are an empty list', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5d6rLLZBXGtPZc0sJY1lE6oG8qW3uX5x0s0Qm1yY0a';
    await api.ec2.send(new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial: Buffer.from(key) }));
    const { KeyPairs } = await api.ec2.send(new DescribeKeyPairsCommand({}));
    expect(KeyPairs?.[0]?.Tags).toEqual([]);
  });
});

describe('an instance', () => {
  test('without a public address has none, in its answer, its interface, and under the filter', async () => {
    const { InstanceId = '' } = await launch({
      NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }],
    });
    const asked = { InstanceIds: [InstanceId] };
    const { Reservations } = await api.ec2.send(new DescribeInstancesCommand(asked));
    const [instance] = Reservations?.[0]?.Instances ?? [];
    expect(instance?.PrivateIpAddress).toMatch(/^10\.1\.2\./);
    expect(instance).not.toHaveProperty('PublicIpAddress');
    const filter = { Name: 'attachment.instance-id', Values: [InstanceId] };
    const { NetworkInterfaces } = await api.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [filter] }),
    );
    expect(NetworkInterfaces).toMatchObject([
      { PrivateIpAddress: instance?.PrivateIpAddress, Attachment: { InstanceId, DeleteOnTermination: true } },
    ]);
    expect(NetworkInterfaces?.[0]).not.toHaveProperty('Association');
    const byAddress = { Filters: [{ Name: 'ip-address', Values: [instance?.PrivateIpAddress ?? ''] }] };
    const found = await api.ec2.send(new DescribeInstancesCommand(byAddress));
    expect(found.Reservations).toEqual([]);
  });

  test('that need not hibernate is launched, and one that should is refused', async () => {
    expect(await launch({ HibernationOptions: { Configured: false } })).toHaveProperty('InstanceId');
    await expect(launch({ HibernationOptions: { Configured: true } })).rejects.toEqual(
      error('UnsupportedOperation', 'cannot hibernate'),
    );
  });

  test("is launched as Packer's amazon plugin 1.8 asks for it, with empty texts for what a pack leaves out", async () => {
    const tags = [{ Key: 'bakehouse:run', Value: 'r' }];
    const asked = {
      UserData: '',
      IamInstanceProfile: { Name: '' },
      BlockDeviceMappings: [],
      Placement: { AvailabilityZone: '' },
      EbsOptimized: false,
      EnclaveOptions: { Enabled: false },
      CapacityReservationSpecification: { CapacityReservationPreference: 'none' },
      CreditSpecification: { CpuCredits: 'standard' },
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      TagSpecifications: (['instance', 'network-interface', 'volume'] as const).map((ResourceType) => ({
        ...{ ResourceType, Tags: tags },
      })),
      SubnetId: '',
      SecurityGroupIds: [groupId],
      InstanceInitiatedShutdownBehavior: 'terminate',
    } satisfies Partial<RunInstancesCommandInput>;
    expect(await launch(asked)).toMatchObject({
      CapacityReservationSpecification: { CapacityReservationPreference: 'none' },
      MetadataOptions: { HttpTokens: 'required' },
      Tags: tags,
    });
    const CapacityReservationSpecification = { CapacityReservationTarget: { CapacityReservationId: 'cr-1' } };
    await expect(launch({ CapacityReservationSpecification })).rejects.toEqual(
      error('UnsupportedOperation', 'CapacityReservationTarget'),
    );
    await expect(launch({ EnclaveOptions: { Enabled: true } })).rejects.toEqual(
      error('UnsupportedOperation', 'no enclaves'),
    );
  });

  test('has CPU credits by its type, or as its launch said', async () => {
    const types = [
      await launch({ InstanceType: 't2.small' }),
      await launch(),
      await launch({ CreditSpecification: { CpuCredits: 'standard' } }),
    ];
    const InstanceIds = types.map((one) => one.InstanceId ?? '');
    const asked = new DescribeInstanceCreditSpecificationsCommand({ InstanceIds });
    const { InstanceCreditSpecifications = [] } = await api.ec2.send(asked);
    const credits = new Map(InstanceCreditSpecifications.map((one) => [one.InstanceId, one.CpuCredits]));
    expect(InstanceIds.map((id) => credits.get(id))).toEqual(['standard', 'unlimited', 'standard']);
    const { InstanceId = '' } = await launch({ InstanceType: 'm5.large' });
    await expect(
      api.ec2.send(new DescribeInstanceCreditSpecificationsCommand({ InstanceIds: [InstanceId] })),
    ).rejects.toEqual(error('InvalidParameterValue', 'not a burstable'));
  });

  test('that nobody knows has no status, and may not be asked for by page', async () => {
    const InstanceIds = ['i-0123456789abcdef0'];
    const unknown = error('InvalidInstanceID.NotFound', InstanceIds[0] ?? '');
    await expect(api.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds }))).rejects.toEqual(unknown);
    const pages = error('InvalidParameterCombination', 'maxResults');
    const asked = { InstanceIds, MaxResults: 5 };
    await expect(api.ec2.send(new DescribeInstancesCommand(asked))).rejects.toEqual(pages);
    await expect(api.ec2.send(new DescribeInstanceStatusCommand(asked))).rejects.toEqual(pages);
  });
});

test.each(['availabilityZone', 'cidrBlock', 'cidr', 'defaultForAz', 'availabilityZoneId'])(
  'the filter %s finds the subnet, as the name with hyphens does',
  async (Name) => {
    const values: Record<string, string> = {
      availabilityZone: 'us-east-1a',
      availabilityZoneId: '*',
      defaultForAz: 'true',
    };
    const found = async (value: string) => {
      const filters = { Filters: [{ Name, Values: [value] }] };
      return (await api.ec2.send(new DescribeSubnetsCommand(filters))).Subnets?.length;
    };
    expect([await found(values[Name] ?? '10.1.2.0/24'), await found('other')]).toEqual([1, 0]);
  },
);

test('the rules of a security group can be listed by their group, each with an id of its own', async () => {
  const listed = (more: object) => api.ec2.send(new DescribeSecurityGroupRulesCommand(more));
  const { SecurityGroupRules = [] } = await listed({ Filters: [{ Name: 'group-id', Values: [groupId] }] });
  expect(SecurityGroupRules).toMatchObject([{ GroupId: groupId, IsEgress: true, CidrIpv4: '0.0.0.0/0' }]);
  const id = SecurityGroupRules[0]?.SecurityGroupRuleId ?? '';
  expect((await listed({ SecurityGroupRuleIds: [id] })).SecurityGroupRules).toHaveLength(1);
  await expect(listed({ SecurityGroupRuleIds: ['sgr-0123456789abcdef0'] })).rejects.toEqual(
    error('InvalidSecurityGroupRuleId.NotFound', 'sgr-0123456789abcdef0'),
  );
});

test('the VPC says what its names do', async () => {
  const { Vpcs } = await api.ec2.send(new DescribeVpcsCommand({}));
  const VpcId = Vpcs?.[0]?.VpcId ?? '';
  const attribute = (Attribute: 'enableDnsSupport' | 'enableDnsHostnames', id = VpcId) =>
    api.ec2.send(new DescribeVpcAttributeCommand({ VpcId: id, Attribute }));
  expect(await attribute('enableDnsSupport')).toMatchObject({ VpcId, EnableDnsSupport: { Value: true } });
  expect(await attribute('enableDnsHostnames')).toMatchObject({ EnableDnsHostnames: { Value: false } });
  await expect(attribute('enableDnsSupport', 'vpc-0123456789abcdef0')).rejects.toEqual(
    error('InvalidVpcID.NotFound', 'vpc-0123456789abcdef0'),
  );
});

describe('a volume', () => {
  const make = (more: Partial<CreateVolumeCommandInput>) =>
    api.ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 100, ...more }));

  test.each<[Partial<CreateVolumeCommandInput>, object]>([
    [{ VolumeType: 'gp2', Size: 16_384 }, {}],
    [{ VolumeType: 'gp3' }, { Iops: 3000, Throughput: 125 }],
    [{ VolumeType: 'gp3', Size: 1 }, { Iops: 3000 }],
    [
      { VolumeType: 'gp3', Iops: 8000, Throughput: 2000 },
      { Iops: 8000, Throughput: 2000 },
    ],
    [{ VolumeType: 'io1', Iops: 5000 }, { Iops: 5000 }],
    [{ VolumeType: 'io2', Iops: 100_000 }, { Iops: 100_000 }],
    [{ VolumeType: 'st1', Size: 125 }, {}],
  ])('is made as %j', async (asked, expected) => {
    expect(await make(asked)).toMatchObject({ Size: 100, ...asked, ...expected });
  });

  test.each<[Partial<CreateVolumeCommandInput>, string, string]>([
    [{ VolumeType: 'gp2', Size: 16_385 }, 'InvalidParameterValue', 'maximum is 16384GiB'],
    [{ VolumeType: 'gp2', Iops: 300 }, 'InvalidParameterCombination', 'iops is not supported for gp2'],
    [{ VolumeType: 'gp2', Throughput: 125 }, 'InvalidParameterCombination', 'throughput is not supported'],
    [{ VolumeType: 'gp3', Iops: 2999 }, 'InvalidParameterValue', 'minimum is 3000'],
    [{ VolumeType: 'gp3', Iops: 50_001 }, 'InvalidParameterValue', 'ratio of 500.01 is too high'],
    [{ VolumeType: 'gp3', Throughput: 1000 }, 'InvalidParameterValue', 'Throughput to iops ratio'],
    [{ VolumeType: 'gp3', Throughput: 124 }, 'InvalidParameterValue', 'minimum is 125'],
    [{ VolumeType: 'io1' }, 'MissingParameter', 'iops must be specified for io1'],
    [{ VolumeType: 'io1', Iops: 5001 }, 'InvalidParameterValue', 'maximum is 50'],
    [{ VolumeType: 'io2', Size: 3, Iops: 100 }, 'InvalidParameterValue', 'minimum is 4GiB'],
    [{ VolumeType: 'sc1', Size: 124 }, 'InvalidParameterValue', 'minimum is 125GiB'],
    [{ VolumeType: 'standard', Size: 1025 }, 'InvalidParameterValue', 'maximum is 1024GiB'],
  ])('as %j is refused with %s: %s', async (asked, name, message) => {
    await expect(make(asked)).rejects.toEqual(error(name, message));
  });

  test('of an instance is checked by the same limits', async () => {
    const root = (Ebs: object) => launch({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] });
    expect(await root({ VolumeType: 'io1', Iops: 100 })).toHaveProperty('InstanceId');
    await expect(root({ VolumeType: 'io1' })).rejects.toEqual(error('MissingParameter', 'io1'));
    await expect(root({ VolumeType: 'st1' })).rejects.toEqual(error('InvalidParameterValue', '125GiB'));
  });
});
