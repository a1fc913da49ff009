import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  AuthorizeSecurityGroupIngressCommand,
  CopyImageCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyImageAttributeCommand,
  paginateDescribeVolumes,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { clientOf, newState, removeState, startCloud, type CloudUnderTest } from './cloud-under-test.ts';
import { debianImage } from './machine-under-test.ts';

jest.setTimeout(30_000);

describe('the API', () => {
  let cloud: CloudUnderTest;
  let ec2: EC2Client;
  let imageId = '';
  beforeAll(async () => {
    cloud = await startCloud(newState());
    ({ ec2 } = cloud);
    imageId = await debianImage(ec2);
  });
  afterAll(async () => {
    await cloud.stop();
    removeState(cloud.state);
  });

  const aws = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await execa('/usr/bin/aws', args, {
      env: cloud.env,
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    return { exitCode, stdout, stderr };
  };

  test("leads Debian's awscli here with nothing but the printed exports in its environment", async () => {
    const debian12 = ['--filters', 'Name=name,Values=debian-12-amd64-*'];
    const query = ['--query', 'Images[].ImageId', '--output', 'text'];
    const images = await aws('ec2', 'describe-images', ...debian12, ...query);
    expect(images).toEqual({ exitCode: 0, stdout: imageId, stderr: '' });
    const caller = await aws('sts', 'get-caller-identity', '--query', 'Account', '--output', 'text');
    expect(caller).toEqual({ exitCode: 0, stdout: '123456789012', stderr: '' });
  });

  test('lets the profile readonly look, and nothing else', async () => {
    expect((await aws('--profile', 'readonly', 'ec2', 'describe-security-groups')).exitCode).toBe(0);
    const refused = await aws('--profile', 'readonly', 'ec2', 'create-key-pair', '--key-name', 'x');
    expect(refused.stderr).toContain('(UnauthorizedOperation)');
    await expect(
      clientOf(cloud.env, cloud.state, 'readonly').send(
        new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }),
      ),
    ).rejects.toMatchObject({ name: 'UnauthorizedOperation', $metadata: { httpStatusCode: 403 } });
  });

  test('knows who asks: no key, an unknown key and a wrong secret are three different refusals', async () => {
    const url = cloud.env.AWS_ENDPOINT_URL ?? '';
    const plain = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ Action: 'DescribeRegions' }),
    });
    expect(plain.status).toBe(403);
    expect(await plain.text()).toContain('<Code>MissingAuthenticationToken</Code>');
    const { accessKeyId } = await ec2.config.credentials();
    const ask = (id: string, secretAccessKey: string) =>
      new EC2Client({
        region: 'us-east-1',
        endpoint: url,
        credentials: { accessKeyId: id, secretAccessKey },
      }).send(new DescribeVpcsCommand({}));
    await expect(ask('AKIAAAAAAAAAAAAAAAAA', 'secret')).rejects.toMatchObject({ name: 'AuthFailure' });
    await expect(ask(accessKeyId, 'secret')).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  test('refuses an action and a parameter that it does not know, by name', async () => {
    const action = await aws('ec2', 'describe-spot-price-history');
    expect(action.stderr).toContain('(InvalidAction)');
    expect(action.stderr).toContain('DescribeSpotPriceHistory');
    await expect(
      ec2.send(
        new RunInstancesCommand({
          ImageId: imageId,
          MinCount: 1,
          MaxCount: 1,
          CpuOptions: { CoreCount: 1 },
        }),
      ),
    ).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: expect.stringContaining('CpuOptions'),
    });
    await expect(
      ec2.send(new DescribeImagesCommand({ Filters: [{ Name: 'nmae', Values: ['x'] }] })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue', message: "The filter 'nmae' is invalid" });
  });

  test('does nothing on a dry run, which tells whether it would have', async () => {
    await expect(
      ec2.send(new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1, DryRun: true })),
    ).rejects.toMatchObject({ name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } });
    await expect(
      ec2.send(new RunInstancesCommand({ ImageId: 'ami-00000000', MinCount: 1, MaxCount: 1, DryRun: true })),
    ).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  const gone = '0123456789abcdef0';
  test.each([
    ['InvalidAMIID.NotFound', () => ec2.send(new DescribeImagesCommand({ ImageIds: [`ami-${gone}`] }))],
    ['InvalidAMIID.Malformed', () => ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-x'] }))],
    [
      'InvalidInstanceID.NotFound',
      () => ec2.send(new DescribeInstancesCommand({ InstanceIds: [`i-${gone}`] })),
    ],
    ['InvalidGroup.NotFound', () => ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['none'] }))],
    [
      'InvalidGroup.Duplicate',
      () => ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'd' })),
    ],
    ['InvalidKeyPair.NotFound', () => ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['none'] }))],
    ['InvalidSnapshot.NotFound', () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: `snap-${gone}` }))],
    ['InvalidVolume.NotFound', () => ec2.send(new DescribeVolumesCommand({ VolumeIds: [`vol-${gone}`] }))],
    ['AuthFailure', () => ec2.send(new DeregisterImageCommand({ ImageId: imageId }))],
    ['MissingParameter', () => ec2.send(new CreateSecurityGroupCommand({ GroupName: 'x', Description: '' }))],
    [
      'InvalidParameterValue',
      () =>
        ec2.send(
          new RunInstancesCommand({
            ImageId: imageId,
            MinCount: 1,
            MaxCount: 1,
            InstanceType: 'a1.nothing' as 't3.small',
          }),
        ),
    ],
  ])('answers %s where EC2 does', async (code, call) => {
    await expect(call()).rejects.toMatchObject({
      name: code,
      $metadata: { httpStatusCode: code === 'AuthFailure' ? 403 : 400 },
    });
  });

  test('hands out long lists page by page, each item once', async () => {
    for (const value of ['1', '2', '3', '4', '5', '6', '7']) {
      const Tags = [{ Key: 'number', Value: value }];
      const TagSpecifications = [{ ResourceType: 'volume' as const, Tags }];
      await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, TagSpecifications }));
    }
    const sizes: number[] = [];
    const numbers = new Set<string | undefined>();
    for await (const { Volumes = [] } of paginateDescribeVolumes({ client: ec2, pageSize: 5 }, {})) {
      sizes.push(Volumes.length);
      for (const { Tags } of Volumes) numbers.add(Tags?.[0]?.Value);
    }
    expect(sizes).toEqual([5, 2]);
    expect(numbers.size).toBe(7);
    await expect(ec2.send(new DescribeVolumesCommand({ NextToken: 'mine' }))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
    await expect(ec2.send(new DescribeVolumesCommand({ MaxResults: 1 }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('does once what is asked twice with the same client token, and not another thing with it', async () => {
    const asked = { AvailabilityZone: 'us-east-1a', ClientToken: 'again' };
    const first = await ec2.send(new CreateVolumeCommand({ ...asked, Size: 1 }));
    const second = await ec2.send(new CreateVolumeCommand({ ...asked, Size: 1 }));
    expect(second.VolumeId).toBe(first.VolumeId);
    await expect(ec2.send(new CreateVolumeCommand({ ...asked, Size: 2 }))).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
  });

  test('has the groups that the sample needs, and guards a group that another one names', async () => {
    const { SecurityGroups = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: ['*'] }] }),
    );
    expect(SecurityGroups.map(({ GroupName }) => GroupName).sort()).toEqual([
      'default',
      'packer',
      'redis',
      'web',
    ]);
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'app', Description: 'App servers' }),
    );
    const redis = SecurityGroups.find(({ GroupName }) => GroupName === 'redis')?.GroupId;
    const IpPermissions = [
      { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, UserIdGroupPairs: [{ GroupId: redis }] },
    ];
    const authorize = new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions });
    await ec2.send(authorize);
    await expect(ec2.send(authorize)).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    await expect(ec2.send(new DeleteSecurityGroupCommand({ GroupId: redis }))).rejects.toMatchObject({
      name: 'DependencyViolation',
    });
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    await expect(ec2.send(new DeleteSecurityGroupCommand({ GroupName: 'default' }))).rejects.toMatchObject({
      name: 'CannotDelete',
    });
  });

  test('copies an image, whose snapshot cannot be deleted before it, and shares it', async () => {
    const copy = { SourceImageId: imageId, SourceRegion: 'us-east-1', Name: 'copy' };
    const { ImageId = '' } = await ec2.send(new CopyImageCommand(copy));
    await expect(ec2.send(new CopyImageCommand(copy))).rejects.toMatchObject({
      name: 'InvalidAMIName.Duplicate',
    });
    const launchPermission = { Add: [{ UserId: '210987654321' }] };
    await ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: launchPermission }));
    await ec2.send(new ModifyImageAttributeCommand({ ImageId, Description: { Value: 'shared' } }));
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ExecutableUsers: ['210987654321'] }));
    expect(Images).toMatchObject([{ ImageId, Description: 'shared', OwnerId: '123456789012' }]);
    const SnapshotId = Images[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.InUse',
    });
    await ec2.send(new DeregisterImageCommand({ ImageId }));
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  });

  test.each(['rsa', 'ed25519'] as const)(
    'makes %s keys whose private half ssh-keygen reads as the public one',
    async (type) => {
      const made = await ec2.send(new CreateKeyPairCommand({ KeyName: `made-${type}`, KeyType: type }));
      await execa('sh', ['-c', 'umask 077; cat >"$0"', `${cloud.state}/${type}`], {
        input: made.KeyMaterial ?? '',
      });
      const { stdout } = await execa('ssh-keygen', ['-y', '-f', `${cloud.state}/${type}`]);
      const { KeyPairs = [] } = await ec2.send(
        new DescribeKeyPairsCommand({
          IncludePublicKey: true,
          Filters: [{ Name: 'key-name', Values: [`made-${type}`] }],
        }),
      );
      expect(KeyPairs[0]?.PublicKey?.split(' ').slice(0, 2)).toEqual(stdout.split(' ').slice(0, 2));
      expect(KeyPairs[0]?.KeyFingerprint).toBe(made.KeyFingerprint);
      await ec2.send(new DeleteKeyPairCommand({ KeyName: `made-${type}` }));
    },
  );

  test('tags what exists, and finds it by its tags', async () => {
    await ec2.send(new CreateTagsCommand({ Resources: [imageId], Tags: [{ Key: 'a*b', Value: '' }] }));
    const { Tags = [] } = await ec2.send(
      new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [imageId] }] }),
    );
    expect(Tags).toEqual([{ Key: 'a*b', ResourceId: imageId, ResourceType: 'image', Value: '' }]);
    const byKey = async (pattern: string) =>
      (await ec2.send(new DescribeImagesCommand({ Filters: [{ Name: 'tag-key', Values: [pattern] }] })))
        .Images?.length;
    expect([await byKey('a?b'), await byKey('a\\*b'), await byKey('a\\?b')]).toEqual([1, 1, 0]);
    await expect(
      ec2.send(new CreateTagsCommand({ Resources: [`i-${gone}`], Tags: [{ Key: 'a', Value: 'b' }] })),
    ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });

  test("knows the instance types of the sample's nodes", async () => {
    const { InstanceTypes = [] } = await ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.small', 'm2.2xlarge'] }),
    );
    expect(InstanceTypes.map(({ MemoryInfo }) => MemoryInfo?.SizeInMiB).sort()).toEqual([2048, 35021]);
  });

  test('refuses a body that is too long, and still serves', async () => {
    const long = await fetch(cloud.env.AWS_ENDPOINT_URL ?? '', {
      method: 'POST',
      body: 'x'.repeat(2 ** 25),
    }).then(
      ({ status }) => status,
      // The server may hang up before all of it is sent.
      () => 413,
    );
    expect(long).toBe(413);
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
  });
});
