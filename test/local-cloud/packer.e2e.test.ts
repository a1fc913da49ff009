import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianVersion } from '../e2e/puppet-image.ts';
import { newState, removeState, startCloud, type CloudUnderTest } from './cloud-under-test.ts';
import { makeKey, reaches, run, ssh } from './machine-under-test.ts';

jest.setTimeout(60_000);

let cloud: CloudUnderTest;
beforeAll(async () => {
  cloud = await startCloud(newState());
});
afterAll(async () => {
  await cloud.stop();
  removeState(cloud.state);
});

/** As in our packs: no region (Packer takes it from the printed files), and the endpoint from the environment. */
const template = (name: string, provision: string) => ({
  variables: { endpoint: '{{env `AWS_ENDPOINT_URL`}}' },
  builders: [
    {
      type: 'amazon-ebs',
      custom_endpoint_ec2: '{{user `endpoint`}}',
      ami_name: name,
      ami_description: 'baked in a test',
      instance_type: 't3.small',
      source_ami_filter: {
        filters: { name: `debian-${debianVersion}-amd64-*` },
        owners: ['136693071363'],
        most_recent: true,
      },
      security_group_filter: { filters: { 'group-name': 'packer', 'vpc-id': '*' } },
      ssh_username: 'admin',
      shutdown_behavior: 'terminate',
      launch_block_device_mappings: [
        {
          device_name: '/dev/xvda',
          volume_type: 'gp3',
          iops: 3000,
          throughput: 125,
          delete_on_termination: true,
        },
      ],
      run_volume_tags: { run: 'test' },
      snapshot_tags: { run: 'test' },
      tags: { run: 'test' },
    },
  ],
  provisioners: [{ type: 'shell', inline: [provision] }],
});

async function bake(name: string, provision: string) {
  const file = join(cloud.state, 'template.json');
  writeFileSync(file, JSON.stringify(template(name, provision)));
  return execa('packer', ['build', '-color=false', file], {
    env: {
      ...cloud.env,
      AWS_POLL_DELAY_SECONDS: '1',
      CHECKPOINT_DISABLE: '1',
      PACKER_CONFIG_DIR: cloud.state,
    },
    extendEnv: false,
    reject: false,
    all: true,
    stdin: 'ignore',
  });
}

async function leftOver() {
  const { ec2 } = cloud;
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  return {
    instances: Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name)).filter(
      (state) => state !== 'terminated',
    ),
    volumes: (await ec2.send(new DescribeVolumesCommand({}))).Volumes,
    keys: (await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs,
  };
}

test("Packer's own amazon-ebs builder bakes an image here that boots with what was baked into it", async () => {
  const { exitCode, all } = await bake('baked', 'echo from packer | sudo tee /srv/baked');
  expect(all).toContain('AMIs were created');
  expect(exitCode).toBe(0);
  const { Images = [] } = await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  expect(Images).toMatchObject([
    {
      Name: 'baked',
      Description: 'baked in a test',
      State: 'available',
      Tags: [{ Key: 'run', Value: 'test' }],
    },
  ]);
  const { Snapshots = [] } = await cloud.ec2.send(
    new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:run', Values: ['test'] }] }),
  );
  expect(Snapshots[0]?.SnapshotId).toBe(Images[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId);
  expect(await leftOver()).toEqual({ instances: [], volumes: [], keys: [] });
  const key = await makeKey(cloud, 'look', 'ed25519');
  const id = await run(cloud.ec2, { ImageId: Images[0]?.ImageId ?? '', KeyName: 'look' });
  const { PublicIpAddress } = await reaches(cloud.ec2, id, 'running');
  expect(await ssh(PublicIpAddress, key, 'cat /srv/baked')).toBe('from packer');
});

test('a bake that fails leaves neither image nor machine, volume or key', async () => {
  const before = await leftOver();
  const { exitCode, all } = await bake('failed', 'exit 7');
  expect(exitCode).toBe(1);
  expect(all).toContain('Script exited with non-zero exit status: 7');
  expect(await leftOver()).toEqual(before);
  const { Images } = await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  expect(Images?.map(({ Name }) => Name)).toEqual(['baked']);
});
