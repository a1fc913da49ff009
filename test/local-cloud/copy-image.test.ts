import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CopyImageCommand,
  CreateVolumeCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DisableEbsEncryptionByDefaultCommand,
  EnableEbsEncryptionByDefaultCommand,
  GetEbsEncryptionByDefaultCommand,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  RunInstancesCommand,
  type CopyImageCommandInput,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
let europe: EC2Client;
let source = { imageId: '', snapshotId: '' };
beforeEach(async () => {
  api = await serveApi();
  europe = api.inRegion('eu-west-1').ec2;
  source = api.newImage('web-1');
});
afterEach(() => api.close());

const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** Copies the image to eu-west-1, unless another region's client is given. */
async function copy(more: Partial<CopyImageCommandInput> = {}, ec2 = europe): Promise<string> {
  const SourceImageId = source.imageId;
  const { ImageId = '' } = await ec2.send(
    new CopyImageCommand({ SourceImageId, SourceRegion: 'us-east-1', Name: 'web-1', ...more }),
  );
  return ImageId;
}

async function look(ImageId: string, ec2 = europe) {
  const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
  const image = Images?.[0];
  const SnapshotIds = image?.BlockDeviceMappings?.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
  const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }));
  return { image, ebs: image?.BlockDeviceMappings?.[0]?.Ebs, snapshot: Snapshots?.[0] };
}

async function ends(ImageId: string) {
  for (let tries = 0; tries < 100; tries++) {
    const found = await look(ImageId);
    if (found.image?.State !== 'pending') return found;
    await sleep(20);
  }
  throw new Error(`${ImageId} is still pending`);
}

describe('a copy of an image', () => {
  test('has the tags that it is given, over those of its source', async () => {
    api.state.tags[source.imageId] = { team: 'x', run: 'old' };
    const id = await copy({
      CopyImageTags: true,
      TagSpecifications: [
        { ResourceType: 'image', Tags: [{ Key: 'run', Value: 'new' }] },
        { ResourceType: 'snapshot', Tags: [{ Key: 'node', Value: 'web' }] },
      ],
    });
    const { image, snapshot } = await look(id);
    expect(image?.Tags).toEqual([
      { Key: 'team', Value: 'x' },
      { Key: 'run', Value: 'new' },
    ]);
    expect(snapshot?.Tags).toEqual([{ Key: 'node', Value: 'web' }]);
    expect(snapshot?.Description).toBe(
      `Copied for DestinationAmi ${id} from SourceAmi ${source.imageId} for SourceSnapshot ${source.snapshotId}.`,
    );
  });

  test('is made once for a client token, in each region', async () => {
    const first = await copy({ ClientToken: 't' });
    expect(await copy({ ClientToken: 't' })).toBe(first);
    await expect(copy({ ClientToken: 't', Description: 'other' })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
    expect(await copy({ ClientToken: 't' }, api.inRegion('us-west-2').ec2)).not.toBe(first);
  });

  test('is made once for a client token also when the cloud has been started again meanwhile', async () => {
    const here = { ClientToken: 't', Name: 'copy' };
    const first = await copy(here, api.ec2);
    const again = await serveApi(() => structuredClone(api.state));
    expect(await copy(here, again.ec2)).toBe(first);
    await again.close();
  });

  test('that is slow is pending with its snapshot, and cannot be launched until it is there', async () => {
    api.order({ action: 'CopyImage', times: 1, copy: { seconds: 0.3 } });
    const id = await copy();
    expect(await look(id)).toMatchObject({
      image: { State: 'pending', Name: 'web-1' },
      snapshot: { State: 'pending', Progress: '0%' },
    });
    const launch = new RunInstancesCommand({ ImageId: id, MinCount: 1, MaxCount: 1 });
    await expect(europe.send(launch)).rejects.toMatchObject({ name: 'InvalidAMIID.Unavailable' });
    await expect(copy()).rejects.toMatchObject({ name: 'InvalidAMIName.Duplicate' });
    expect(await ends(id)).toMatchObject({
      image: { State: 'available' },
      snapshot: { State: 'completed', Progress: '100%' },
    });
  });

  test('that was ordered to fails with the reason, and frees its name', async () => {
    api.order({ action: 'CopyImage', times: 1, copy: { seconds: 0.1, failure: 'the key is disabled' } });
    expect(await ends(await copy())).toMatchObject({
      image: { State: 'failed', StateReason: { Message: 'the key is disabled' } },
      snapshot: { State: 'error', StateMessage: 'the key is disabled' },
    });
    expect((await look(await copy())).image?.State).toBe('available');
  });

  test('fails when its source vanishes while it is copied', async () => {
    api.order({ action: 'CopyImage', copy: { seconds: 0.2 } });
    const id = await copy();
    await api.ec2.send(new DeregisterImageCommand({ ImageId: source.imageId }));
    const { image } = await ends(id);
    expect(image).toMatchObject({ State: 'failed' });
    expect(image?.StateReason?.Message).toContain(source.imageId);
  });

  test('may be deregistered while it is made', async () => {
    api.order({ action: 'CopyImage', copy: { seconds: 0.1 } });
    const id = await copy();
    await europe.send(new DeregisterImageCommand({ ImageId: id }));
    await sleep(200);
    expect(api.inRegion('eu-west-1').state.images).not.toHaveProperty(id);
  });
});

test.each(['12345', '000000000000', 'team'])(
  'nothing is shared with %s, which is no account',
  async (UserId) => {
    const Add = [{ UserId }];
    const refused = { name: 'InvalidAMIAttributeItemValue' };
    const image = { ImageId: source.imageId, LaunchPermission: { Add } };
    await expect(api.ec2.send(new ModifyImageAttributeCommand(image))).rejects.toMatchObject(refused);
    const snapshot = { SnapshotId: source.snapshotId, CreateVolumePermission: { Add } };
    await expect(api.ec2.send(new ModifySnapshotAttributeCommand(snapshot))).rejects.toMatchObject(refused);
  },
);

describe('an encrypted copy', () => {
  test.each([
    ['its id', '1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['its ARN', key],
  ])('remembers the key that is named by %s, as an ARN', async (_, KmsKeyId) => {
    const { ebs, snapshot } = await look(await copy({ Encrypted: true, KmsKeyId }));
    expect(snapshot).toMatchObject({ Encrypted: true, KmsKeyId: key });
    expect(ebs?.Encrypted).toBe(true);
    // As on EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html
    expect(ebs?.KmsKeyId).toBeUndefined();
  });

  test('has one key for an alias, whichever way it is named, and another one in another region', async () => {
    const keyOf = async (Name: string, KmsKeyId: string, ec2 = europe) =>
      (await look(await copy({ Name, Encrypted: true, KmsKeyId }, ec2), ec2)).snapshot?.KmsKeyId;
    const images = await keyOf('one', 'alias/images');
    expect(images).toMatch(/^arn:aws:kms:eu-west-1:123456789012:key\/[0-9a-f-]{36}$/);
    expect(await keyOf('two', 'arn:aws:kms:eu-west-1:123456789012:alias/images')).toBe(images);
    const west = await keyOf('three', 'alias/images', api.inRegion('us-west-2').ec2);
    expect(west).toMatch(/^arn:aws:kms:us-west-2:/);
    expect(west?.split('/')[1]).not.toBe(images?.split('/')[1]);
  });

  test.each([
    ['of another region', key.replace('eu-west-1', 'us-east-1')],
    ['without alias/ before its name', 'images'],
  ])('by a key %s fails after the call', async (_, KmsKeyId) => {
    const { image, snapshot } = await ends(await copy({ Encrypted: true, KmsKeyId }));
    expect([image?.State, snapshot?.StateMessage]).toEqual(['failed', 'Given key ID is not accessible']);
  });

  test('stays encrypted in copies and machines: by its key in the region, by the default key elsewhere', async () => {
    const id = await copy({ Encrypted: true, KmsKeyId: key });
    const of = { SourceImageId: id, SourceRegion: 'eu-west-1', Name: 'second' };
    expect((await look(await copy(of))).snapshot).toMatchObject({ Encrypted: true, KmsKeyId: key });
    const { ec2 } = api.inRegion('us-west-2');
    const elsewhere = (await look(await copy(of, ec2), ec2)).snapshot;
    expect(elsewhere?.KmsKeyId).toMatch(/^arn:aws:kms:us-west-2:/);
    await expect(copy({ ...of, Name: 'third', Encrypted: false })).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
    await europe.send(new RunInstancesCommand({ ImageId: id, MinCount: 1, MaxCount: 1 }));
    expect(Object.values(api.inRegion('eu-west-1').state.volumes)).toMatchObject([{ kmsKeyId: key }]);
  });

  test('is what a region makes that encrypts by default, and no other region does', async () => {
    const { EbsEncryptionByDefault } = await europe.send(new EnableEbsEncryptionByDefaultCommand({}));
    expect(EbsEncryptionByDefault).toBe(true);
    expect((await look(await copy())).snapshot).toMatchObject({ Encrypted: true });
    const volume = await europe.send(new CreateVolumeCommand({ AvailabilityZone: 'eu-west-1a', Size: 1 }));
    expect(volume).toMatchObject({ Encrypted: true, KmsKeyId: expect.stringContaining(':key/') });
    const asked = await api.ec2.send(new GetEbsEncryptionByDefaultCommand({}));
    expect(asked.EbsEncryptionByDefault).toBe(false);
    await europe.send(new DisableEbsEncryptionByDefaultCommand({}));
    expect((await look(await copy({ Name: 'plain' }))).snapshot).toMatchObject({ Encrypted: false });
  });

  test('needs Encrypted beside its key', async () => {
    await expect(copy({ KmsKeyId: key })).rejects.toMatchObject({ name: 'InvalidParameterDependency' });
  });

  test.each<[string, string | undefined, 'user' | 'all', string | undefined, string | undefined]>([
    ["AWS's own key", undefined, 'user', 'InvalidParameter', 'OperationNotPermitted'],
    ["AWS's own key by its alias", 'alias/aws/ebs', 'user', 'InvalidParameter', 'OperationNotPermitted'],
    ['a key of the account', key, 'user', undefined, undefined],
    ['a key of the account', key, 'all', 'InvalidParameter', 'OperationNotPermitted'],
  ])('by %s (%s) is shared with %s: %s', async (_, KmsKeyId, whom, ofImage, ofSnapshot) => {
    const ImageId = await copy({ Encrypted: true, KmsKeyId });
    const SnapshotId = (await look(ImageId)).snapshot?.SnapshotId;
    const Add = [whom === 'all' ? { Group: 'all' as const } : { UserId: '210987654321' }];
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => undefined,
        (error: unknown) => (error as Error).name,
      );
    const image = new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add } });
    const snapshot = new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission: { Add } });
    expect(await codeOf(europe.send(image))).toBe(ofImage);
    expect(await codeOf(europe.send(snapshot))).toBe(ofSnapshot);
    // What nobody has may be taken away all the same.
    const Remove = Add;
    const less = new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Remove } });
    expect(await codeOf(europe.send(less))).toBeUndefined();
  });
});
