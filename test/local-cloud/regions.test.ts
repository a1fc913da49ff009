import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DescribeLaunchConfigurationsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CopyImageCommand,
  CreateKeyPairCommand,
  CreateLaunchTemplateCommand,
  CreateVolumeCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeRegionsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { imageId, startApi, type ApiUnderTest } from './services-under-test.ts';

let api: ApiUnderTest;
let europe: ReturnType<ApiUnderTest['inRegion']>;
beforeAll(async () => {
  api = await startApi();
  europe = api.inRegion('eu-west-1');
});
afterAll(() => api.stop());

const imagesIn = async (ec2: EC2Client) => {
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Images;
};

describe('a region', () => {
  test('has a zone, a VPC and a subnet of its own', async () => {
    const { AvailabilityZones } = await europe.ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones).toMatchObject([
      { ZoneName: 'eu-west-1a', ZoneId: 'euw1-az1', RegionName: 'eu-west-1' },
    ]);
    const { Subnets } = await europe.ec2.send(new DescribeSubnetsCommand({}));
    expect(Subnets).toMatchObject([
      { AvailabilityZone: 'eu-west-1a', SubnetArn: expect.stringMatching(/^arn:aws:ec2:eu-west-1:/) },
    ]);
    const vpcs = async (ec2: EC2Client) =>
      (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.map(({ VpcId }) => VpcId);
    expect(await vpcs(europe.ec2)).not.toEqual(await vpcs(api.ec2));
    const elsewhere = new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 });
    await expect(europe.ec2.send(elsewhere)).rejects.toMatchObject({ name: 'InvalidZone.NotFound' });
  });

  test('knows nothing of what is made in another', async () => {
    const token = 'the same in both';
    for (const { ec2, ssm } of [api, europe]) {
      const LaunchTemplateData = { InstanceType: 't3.nano' } as const;
      const LaunchTemplateName = 'web';
      await ec2.send(
        new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData, ClientToken: token }),
      );
      await ec2.send(new CreateKeyPairCommand({ KeyName: 'key', KeyType: 'ed25519' }));
      await ssm.send(new PutParameterCommand({ Name: '/p', Value: 'here', Type: 'String' }));
    }
    for (const { ec2, ssm } of [api, europe]) {
      const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({}));
      expect(LaunchTemplates).toHaveLength(1);
      expect((await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs).toHaveLength(1);
      expect((await ssm.send(new DescribeParametersCommand({}))).Parameters).toHaveLength(1);
    }
    const { Parameter } = await europe.ssm.send(new GetParameterCommand({ Name: '/p' }));
    expect(Parameter?.ARN).toMatch(/^arn:aws:ssm:eu-west-1:\d+:parameter\/p$/);
    expect(api.calls.at(-1)).toMatchObject({ action: 'GetParameter', region: 'eu-west-1' });
    expect((await imagesIn(europe.ec2)).map(({ ImageId }) => ImageId)).toEqual([]);
  });

  test('is hit by the faults that name it, and no other is', async () => {
    api.order({ action: 'DescribeVpcs', region: 'eu-west-1', error: { code: 'Away', status: 400 } });
    await expect(europe.ec2.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({ name: 'Away' });
    expect((await api.ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    api.order();
  });

  test('that is not enabled is refused as AWS refuses it, by each service in its own words', async () => {
    const { ec2, ssm, sts, autoScaling } = api.inRegion('ap-east-1');
    await expect(ec2.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
      name: 'AuthFailure',
      $metadata: { httpStatusCode: 401 },
    });
    await expect(ssm.send(new DescribeParametersCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    const unknown = { name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } };
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject(unknown);
    await expect(autoScaling.send(new DescribeLaunchConfigurationsCommand({}))).rejects.toMatchObject(
      unknown,
    );
    const listed = async (AllRegions: boolean) =>
      (await api.ec2.send(new DescribeRegionsCommand({ AllRegions }))).Regions?.map(
        ({ RegionName, OptInStatus }) => `${RegionName ?? ''} ${OptInStatus ?? ''}`,
      );
    const enabled = ['us-east-1', 'eu-west-1', 'us-west-2'].map((name) => `${name} opt-in-not-required`);
    expect(await listed(false)).toEqual(enabled);
    expect(await listed(true)).toEqual([...enabled, 'ap-east-1 not-opted-in']);
  });
});

describe('CopyImage from another region', () => {
  test('makes an image with the tags that it is given, and says where it comes from', async () => {
    const { ImageId } = await europe.ec2.send(
      new CopyImageCommand({
        SourceImageId: imageId,
        SourceRegion: 'us-east-1',
        Name: 'redis-1',
        TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'a', Value: 'b' }] }],
      }),
    );
    expect(await imagesIn(europe.ec2)).toMatchObject([
      {
        ImageId,
        Name: 'redis-1',
        State: 'available',
        SourceImageId: imageId,
        SourceImageRegion: 'us-east-1',
        Tags: [{ Key: 'a', Value: 'b' }],
      },
    ]);
    expect(await imagesIn(api.ec2)).toHaveLength(1);
  });

  test.each([
    ['of the region itself, where the image is not', 'eu-west-1', 'other', 'InvalidAMIID.NotFound'],
    ['of no region that is enabled', 'ap-east-1', 'other', 'InvalidParameterValue'],
    ['under a name that is taken', 'us-east-1', 'redis-1', 'InvalidAMIName.Duplicate'],
  ])('%s is refused', async (_, SourceRegion, Name, code) => {
    const copy = new CopyImageCommand({ SourceImageId: imageId, SourceRegion, Name });
    await expect(europe.ec2.send(copy)).rejects.toMatchObject({ name: code });
  });
});
