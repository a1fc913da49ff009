import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CopyImageCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
  DisableImageDeprecationCommand,
  DisableImageDeregistrationProtectionCommand,
  EnableImageCommand,
  EnableImageDeprecationCommand,
  EnableImageDeregistrationProtectionCommand,
  ModifyImageAttributeCommand,
  RegisterImageCommand,
  RunInstancesCommand,
  type DescribeImagesCommandInput,
} from '@aws-sdk/client-ec2';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const describeImages = async (asked: DescribeImagesCommandInput) =>
  (await api.ec2.send(new DescribeImagesCommand(asked))).Images ?? [];
const deregister = (ImageId: string, DeleteAssociatedSnapshots?: boolean) =>
  api.ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots }));

describe('a disabled image', () => {
  let ImageId = '';
  let SnapshotId = '';
  beforeAll(async () => {
    ({ imageId: ImageId, snapshotId: SnapshotId } = api.newImage('disabled'));
    const LaunchPermission = { Add: [{ UserId: '210987654321' }, { Group: 'all' as const }] };
    await api.ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission }));
    await api.ec2.send(new DisableImageCommand({ ImageId }));
  });

  test('is listed only to who asks for disabled ones, also by its id', async () => {
    expect(await describeImages({ Owners: ['self'] })).toEqual([]);
    expect(await describeImages({ ImageIds: [ImageId] })).toEqual([]);
    expect(await describeImages({ ImageIds: [ImageId], IncludeDisabled: true })).toMatchObject([
      { ImageId, State: 'disabled', Public: false },
    ]);
  });

  test('launches nothing, is not copied and not shared, and keeps its snapshot', async () => {
    const launch = new RunInstancesCommand({ ImageId, InstanceType: 't3.small', MinCount: 1, MaxCount: 1 });
    await expect(api.ec2.send(launch)).rejects.toMatchObject({ name: 'InvalidAMIID.Unavailable' });
    const copy = new CopyImageCommand({
      SourceImageId: ImageId,
      SourceRegion: 'us-east-1',
      Name: 'copy of it',
    });
    await expect(api.ec2.send(copy)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const LaunchPermission = { Add: [{ UserId: '210987654321' }] };
    await expect(
      api.ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission })),
    ).rejects.toMatchObject({ name: 'InvalidAMIID.Unavailable' });
    await expect(api.ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.InUse',
    });
  });

  test('comes back without its launch permissions', async () => {
    await api.ec2.send(new EnableImageCommand({ ImageId }));
    expect(await describeImages({ ImageIds: [ImageId] })).toMatchObject([
      { State: 'available', Public: false },
    ]);
    const { LaunchPermissions } = await api.ec2.send(
      new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }),
    );
    expect(LaunchPermissions).toEqual([]);
  });

  test('can be deregistered', async () => {
    await api.ec2.send(new DisableImageCommand({ ImageId }));
    await deregister(ImageId);
    await expect(describeImages({ ImageIds: [ImageId] })).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
    });
  });
});

test("another account's image cannot be disabled or protected", async () => {
  const ImageId = api.debian;
  await expect(api.ec2.send(new DisableImageCommand({ ImageId }))).rejects.toMatchObject({
    name: 'AuthFailure',
  });
  await expect(
    api.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId })),
  ).rejects.toMatchObject({ name: 'AuthFailure' });
});

describe('protection from deregistration', () => {
  const shown = async (ImageId: string) => {
    const [image] = await describeImages({ ImageIds: [ImageId] });
    const attribute = await api.ec2.send(
      new DescribeImageAttributeCommand({ ImageId, Attribute: 'deregistrationProtection' }),
    );
    expect(attribute.DeregistrationProtection?.Value).toBe(image?.DeregistrationProtection);
    return image?.DeregistrationProtection;
  };

  test('without a cooldown ends when it is taken away', async () => {
    const { imageId: ImageId } = api.newImage('protected');
    expect(await shown(ImageId)).toBe('disabled');
    await api.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId }));
    expect(await shown(ImageId)).toBe('enabled-without-cooldown');
    await expect(deregister(ImageId)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    await api.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId }));
    expect(await shown(ImageId)).toBe('disabled');
    await deregister(ImageId);
  });

  test('with a cooldown goes on for a day', async () => {
    const { imageId: ImageId } = api.newImage('cooled');
    await api.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId, WithCooldown: true }));
    expect(await shown(ImageId)).toBe('enabled-with-cooldown');
    api.clock.now = new Date('2030-01-01T12:00:00Z');
    await api.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId }));
    expect(await shown(ImageId)).toBe('disabled after 2030-01-02T12:00:00.000Z');
    api.clock.now = new Date('2030-01-02T11:59:59Z');
    await expect(deregister(ImageId)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    api.clock.now = new Date('2030-01-02T12:00:00Z');
    await deregister(ImageId);
  });
});

describe('the deprecation of an image', () => {
  const deprecate = (ImageId: string, at: string) =>
    api.ec2.send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt: new Date(at) }));

  test('is shown to the minute until it is taken away, and stays with the image when that is copied', async () => {
    api.clock.now = new Date('2030-01-01T00:00:00Z');
    const { imageId: ImageId } = api.newImage('old one day');
    await deprecate(ImageId, '2031-01-01T12:00:31Z');
    const time = async (id: string) => (await describeImages({ ImageIds: [id] }))[0]?.DeprecationTime;
    expect(await time(ImageId)).toBe('2031-01-01T12:01:00.000Z');
    const from = { SourceImageId: ImageId, SourceRegion: 'us-east-1', Name: 'copy of an old one' };
    const copy = await api.ec2.send(new CopyImageCommand(from));
    expect(await time(copy.ImageId ?? '')).toBeUndefined();
    await api.ec2.send(new DisableImageDeprecationCommand({ ImageId }));
    expect(await time(ImageId)).toBeUndefined();
  });

  test('is neither in the past nor after more than ten years', async () => {
    api.clock.now = new Date('2030-01-01T00:00:00Z');
    const { imageId } = api.newImage('of now');
    for (const at of ['2029-12-31T00:00:00Z', '2040-01-02T00:00:00Z'])
      await expect(deprecate(imageId, at)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

test('a copy says where it is from, and neither who made its source nor how that is protected', async () => {
  const { imageId } = api.newImage('source');
  Object.assign(api.state.images[imageId] ?? {}, { sourceInstanceId: 'i-0a' });
  await api.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: imageId }));
  const { ImageId = '' } = await api.ec2.send(
    new CopyImageCommand({ SourceImageId: imageId, SourceRegion: 'us-east-1', Name: 'the copy' }),
  );
  const [copy] = await describeImages({ ImageIds: [ImageId] });
  expect(copy).toMatchObject({
    SourceImageId: imageId,
    SourceImageRegion: 'us-east-1',
    DeregistrationProtection: 'disabled',
  });
  expect(copy).not.toHaveProperty('SourceInstanceId');
  expect(await describeImages({ Filters: [{ Name: 'source-image-id', Values: [imageId] }] })).toHaveLength(1);
});

test('snapshots go with their image, but not one that another image maps', async () => {
  const { imageId, snapshotId } = api.newImage('first');
  const { ImageId = '' } = await api.ec2.send(
    new RegisterImageCommand({
      Name: 'second',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId } }],
    }),
  );
  expect((await deregister(imageId, true)).DeleteSnapshotResults).toEqual([
    { SnapshotId: snapshotId, ReturnCode: 'skipped' },
  ]);
  const describeSnapshot = () => api.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
  expect((await describeSnapshot()).Snapshots).toHaveLength(1);
  expect((await deregister(ImageId, true)).DeleteSnapshotResults).toEqual([
    { SnapshotId: snapshotId, ReturnCode: 'success' },
  ]);
  await expect(describeSnapshot()).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
});
