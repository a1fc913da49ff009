import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  CreateImageCommand,
  CreateKeyPairCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, newState, removeState, startCloud, type CloudUnderTest } from './cloud-under-test.ts';
import { debianImage, reaches, run } from './machine-under-test.ts';

jest.setTimeout(60_000);

const state = newState();
let cloud: CloudUnderTest;
beforeAll(async () => {
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=600m', 'tmpfs', state]);
  cloud = await startCloud(state);
});
afterAll(async () => {
  await cloud.stop();
  await execa('umount', [state]);
  removeState(state);
});

/** Fills the disk, to the last byte or until `megabytes` are written. */
function fill(name: string, megabytes = Infinity): void {
  const file = openSync(join(state, name), 'w');
  try {
    for (const size of [2 ** 20, 4096, 1]) {
      for (let written = 0; written < megabytes * 2 ** 20; written += size) {
        if (writeSync(file, Buffer.alloc(size)) < size) break;
      }
      if (megabytes !== Infinity) return;
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(file);
  }
}

test('a disk without room refuses machines and images with what is free where and what to do', async () => {
  const ImageId = await debianImage(cloud.ec2);
  const id = await run(cloud.ec2, { ImageId });
  await reaches(cloud.ec2, id, 'running');
  await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await reaches(cloud.ec2, id, 'stopped');
  fill('some', 200);
  const refusal = {
    name: 'InsufficientVolumeCapacity',
    $metadata: { httpStatusCode: 400 },
    message: expect.stringMatching(
      new RegExp(
        `^The local cloud has no room: \\d+ MB are free in ${state} and 512 MB are wanted\\. Deregister images`,
      ),
    ) as unknown,
  };
  await expect(run(cloud.ec2, { ImageId })).rejects.toMatchObject(refusal);
  await expect(
    cloud.ec2.send(new CreateImageCommand({ InstanceId: id, Name: 'no-room' })),
  ).rejects.toMatchObject(refusal);
  rmSync(join(state, 'some'));
  const made = await cloud.ec2.send(new CreateImageCommand({ InstanceId: id, Name: 'room-again' }));
  await eventually(async () => {
    const { Images = [] } = await cloud.ec2.send(
      new DescribeImagesCommand({ ImageIds: [made.ImageId ?? ''] }),
    );
    return Images[0]?.State === 'available' ? true : undefined;
  });
});

test('a full disk changes nothing of what is remembered, and still lets things be deleted', async () => {
  fill('all');
  const add = (KeyName: string) => cloud.ec2.send(new CreateKeyPairCommand({ KeyName, KeyType: 'ed25519' }));
  // The state's old file may leave room for a few more of its size.
  const refused = await eventually(async () =>
    add(`key-${Date.now()}`).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  expect(refused).toMatchObject({
    name: 'InsufficientVolumeCapacity',
    message: `The local cloud cannot write ${state}/state.json: the disk is full. Nothing was changed; free some space and call again.`,
  });
  const { KeyPairs: known } = await cloud.ec2.send(new DescribeKeyPairsCommand({}));
  const { Images = [] } = await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  const [image] = Images;
  await cloud.ec2.send(
    new DeregisterImageCommand({ ImageId: image?.ImageId, DeleteAssociatedSnapshots: true }),
  );
  await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [image?.SourceInstanceId ?? ''] }));
  await cloud.kill();
  cloud = await startCloud(state);
  expect((await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images).toEqual([]);
  expect((await cloud.ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs).toEqual(known);
  rmSync(join(state, 'all'));
  await add('room');
});
