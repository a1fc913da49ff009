import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  CreateImageCommand,
  CreateSnapshotCommand,
  DeregisterImageCommand,
  DescribeKeyPairsCommand,
  DescribeVolumesCommand,
  ImportKeyPairCommand,
  type ResourceType,
  RunInstancesCommand,
  TerminateInstancesCommand,
  waitUntilImageAvailable,
  waitUntilInstanceRunning,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import { type CleanupCloud, keepOne, startCleanupCloud, without } from './cleanup-cloud.ts';

/** What a backup tool makes of a server: a snapshot and an image that carry all tags of ours. */

const minutes = 60_000;
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmvVl5o2R3RkP9BpbmTqcxO5p0xKvUsxVYPgkPPZdZt test';
let cloud: CleanupCloud;

beforeAll(async () => {
  cloud = await startCleanupCloud();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

test(
  'backups of a server that is gone survive whatever is ordered, and leftovers go beside them',
  async () => {
    const { ec2 } = cloud;
    const [old, recent] = await cloud.images('backup', 2);
    const lost = await cloud.image('backup', { name: 'backup-1600000000' });
    await ec2.send(new DeregisterImageCommand({ ImageId: lost.id }));
    const { Images } = await cloud.account();
    const Tags = Images.find(({ ImageId }) => ImageId === recent.id)?.Tags ?? [];
    const run = Tags.find(({ Key }) => Key === 'bakehouse:run')?.Value ?? '';
    const on = (...types: ResourceType[]) => types.map((type) => ({ ResourceType: type, Tags }));
    const { Instances: [server] = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: recent.id,
        MinCount: 1,
        MaxCount: 1,
        InstanceType: 't3.small',
        TagSpecifications: on('instance', 'volume'),
      }),
    );
    const id = server?.InstanceId ?? '';
    const waiting = { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
    await waitUntilInstanceRunning(waiting, { InstanceIds: [id] });
    const { Volumes: [volume] = [] } = await ec2.send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
    );
    const { SnapshotId: snapshot = '' } = await ec2.send(
      new CreateSnapshotCommand({
        VolumeId: volume?.VolumeId ?? '',
        Description: 'nightly',
        TagSpecifications: on('snapshot'),
      }),
    );
    const { ImageId: backup = '' } = await ec2.send(
      new CreateImageCommand({
        InstanceId: id,
        Name: 'nightly-backup-1',
        NoReboot: true,
        TagSpecifications: on('image', 'snapshot'),
      }),
    );
    await waitUntilImageAvailable(waiting, { ImageIds: [backup] });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await waitUntilInstanceTerminated(waiting, { InstanceIds: [id] });
    await ec2.send(
      new ImportKeyPairCommand({
        KeyName: `bakehouse-backup-${run}`,
        PublicKeyMaterial: Buffer.from(publicKey),
        TagSpecifications: on('key-pair'),
      }),
    );

    const before = await cloud.ids();
    const kept = await cloud.cleanup(['backup'], [...keepOne, '--apply', '--node', 'backup']);
    expect(kept).toMatchObject({ exitCode: 0, stderr: '' });
    expect(kept.stdout).toContain('not ours: its name nightly-backup-1 is not backup-UNIXSECONDS');
    expect(kept.report?.snapshots).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ kind: 'not-ours' }) }),
    );
    expect(await cloud.ids()).toEqual(without(before, old).filter((one) => one !== lost.snapshot));

    await cloud.cleanup(['backup'], ['--leaks', '--finished', run, '--apply', '--node', 'backup']);
    const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({}));
    expect(KeyPairs.map(({ KeyName }) => KeyName)).not.toContain(`bakehouse-backup-${run}`);
    expect(await cloud.ids()).toEqual(without(before, old).filter((one) => one !== lost.snapshot));

    const gone = await cloud.cleanup(['stays'], [...keepOne, '--apply', '--gone', '--node', 'backup']);
    expect(gone).toMatchObject({ exitCode: 0, stderr: '' });
    const left = await cloud.ids();
    expect(left).toEqual(expect.arrayContaining([snapshot, backup]));
    expect(left).not.toContain(recent.id);
  },
  2 * minutes,
);
