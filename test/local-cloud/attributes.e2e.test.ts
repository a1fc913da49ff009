import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  CreateSnapshotCommand,
  DeleteVolumeCommand,
  DescribeImageAttributeCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifySnapshotAttributeCommand,
  RegisterImageCommand,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { newState, removeState, startCloud, type CloudUnderTest } from './cloud-under-test.ts';
import { debianImage, describe1, makeKey, reaches, run, ssh } from './machine-under-test.ts';

jest.setTimeout(30_000);

describe('a running instance', () => {
  let cloud: CloudUnderTest;
  let key = '';
  let InstanceId = '';
  let volumeId = '';
  beforeAll(async () => {
    cloud = await startCloud(newState());
    key = await makeKey(cloud, 'launch', 'ed25519');
    const { Subnets = [] } = await cloud.ec2.send(new DescribeSubnetsCommand({}));
    InstanceId = await run(cloud.ec2, {
      ImageId: await debianImage(cloud.ec2),
      KeyName: 'launch',
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: Subnets[0]?.SubnetId, AssociatePublicIpAddress: true }],
      MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
      Placement: { AvailabilityZone: 'us-east-1a' },
    });
    await reaches(cloud.ec2, InstanceId, 'running');
  });
  afterAll(async () => {
    await cloud.stop();
    removeState(cloud.state);
  });

  const attribute = (Attribute: 'instanceInitiatedShutdownBehavior' | 'disableApiTermination' | 'groupSet') =>
    cloud.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute }));

  test('has the default group and what it was launched with', async () => {
    expect(await describe1(cloud.ec2, InstanceId)).toMatchObject({
      SecurityGroups: [{ GroupName: 'default' }],
      MetadataOptions: { HttpTokens: 'required', State: 'applied' },
      InstanceType: 'm1.small',
    });
    const { InstanceStatuses } = await cloud.ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: [InstanceId] }),
    );
    expect(InstanceStatuses).toMatchObject([
      { InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'ok' } },
    ]);
  });

  test('changes what may be changed while it runs, and refuses the rest', async () => {
    const modify = (change: object) =>
      cloud.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, ...change }));
    await modify({ InstanceInitiatedShutdownBehavior: { Value: 'terminate' } });
    expect((await attribute('instanceInitiatedShutdownBehavior')).InstanceInitiatedShutdownBehavior).toEqual({
      Value: 'terminate',
    });
    await expect(modify({ InstanceType: { Value: 't3.large' } })).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
    await expect(modify({ Groups: ['sg-0123456789abcdef0'] })).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
    });
    await expect(modify({})).rejects.toMatchObject({ name: 'MissingParameter' });
    await cloud.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: 'optional' }));
    expect((await describe1(cloud.ec2, InstanceId)).MetadataOptions?.HttpTokens).toBe('optional');
    await expect(
      cloud.ec2.send(new StartInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })),
    ).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
  });

  test('gives a snapshot of its disk while it runs, from which an image can be registered and booted', async () => {
    const { PublicIpAddress, BlockDeviceMappings = [] } = await describe1(cloud.ec2, InstanceId);
    volumeId = BlockDeviceMappings[0]?.Ebs?.VolumeId ?? '';
    await ssh(PublicIpAddress, key, 'echo live | sudo tee /srv/live; sync');
    const { SnapshotId = '' } = await cloud.ec2.send(
      new CreateSnapshotCommand({ VolumeId: volumeId, Description: 'live' }),
    );
    const { ImageId = '' } = await cloud.ec2.send(
      new RegisterImageCommand({
        Name: 'registered',
        RootDeviceName: '/dev/xvda',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }],
      }),
    );
    const CreateVolumePermission = { Add: [{ UserId: '210987654321' }] };
    await cloud.ec2.send(new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission }));
    const shared = await cloud.ec2.send(
      new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' }),
    );
    expect(shared.CreateVolumePermissions).toEqual([{ UserId: '210987654321' }]);
    const { BlockDeviceMappings: mappings } = await cloud.ec2.send(
      new DescribeImageAttributeCommand({ ImageId, Attribute: 'blockDeviceMapping' }),
    );
    expect(mappings).toMatchObject([{ DeviceName: '/dev/xvda', Ebs: { SnapshotId, VolumeSize: 8 } }]);
    const second = await run(cloud.ec2, { ImageId, KeyName: 'launch' });
    const { PublicIpAddress: address } = await reaches(cloud.ec2, second, 'running');
    expect(await ssh(address, key, 'cat /srv/live')).toBe('live');
  });

  test('is protected from termination when it is asked to be', async () => {
    const protect = (Value: boolean) =>
      cloud.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value } }));
    const terminate = () => cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
    await protect(true);
    expect((await attribute('disableApiTermination')).DisableApiTermination).toEqual({ Value: true });
    await expect(terminate()).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    await protect(false);
  });

  test('leaves its volume behind when that was to be kept', async () => {
    await expect(cloud.ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId }))).rejects.toMatchObject({
      name: 'VolumeInUse',
    });
    await cloud.ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }],
      }),
    );
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
    await reaches(cloud.ec2, InstanceId, 'terminated');
    const { Volumes } = await cloud.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    expect(Volumes).toMatchObject([{ State: 'available', Attachments: [] }]);
    await cloud.ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
  });

  test('may be of a type that is offered where it is asked for', async () => {
    const { InstanceTypeOfferings } = await cloud.ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: ['t3.small', 'z9.huge'] }],
      }),
    );
    expect(InstanceTypeOfferings).toEqual([
      { InstanceType: 't3.small', Location: 'us-east-1a', LocationType: 'availability-zone' },
    ]);
  });
});
