import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  CopyImageCommand,
  CreateImageCommand,
  CreateLaunchTemplateCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  EC2Client,
  ImportKeyPairCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventually,
  newState,
  removeState,
  settingsOf,
  startCloud,
  type CloudUnderTest,
} from './cloud-under-test.ts';
import { debianImage, makeKey, reaches, run, ssh } from './machine-under-test.ts';

jest.setTimeout(90_000);

const others = ['eu-west-1', 'us-west-2'];
let cloud: CloudUnderTest;
let key = '';
let original = '';
const copies = new Map<string, string>();
beforeAll(async () => {
  cloud = await startCloud(newState());
  key = await makeKey(cloud, 'launch', 'ed25519');
});
afterAll(async () => {
  expect(await cloud.stop()).toBe(143);
  removeState(cloud.state);
});

const ec2In = (region: string) => new EC2Client(settingsOf(cloud.env, cloud.state, 'default', region));
const ssmIn = (region: string) => new SSMClient(settingsOf(cloud.env, cloud.state, 'default', region));
const available = (ec2: EC2Client, ImageId: string) =>
  eventually(async () => {
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    return Images?.[0]?.State === 'available' || undefined;
  });
const terminate = (ec2: EC2Client, id: string) =>
  ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));

test('an image is copied to the other regions, and a parameter holds the copy in each', async () => {
  const { ec2 } = cloud;
  const id = await run(ec2, { ImageId: await debianImage(ec2), InstanceType: 't3.nano', KeyName: 'launch' });
  const { PublicIpAddress } = await reaches(ec2, id, 'running');
  await ssh(PublicIpAddress, key, 'echo baked | sudo tee /srv/mark && sync');
  const { ImageId = '' } = await ec2.send(
    new CreateImageCommand({ InstanceId: id, Name: 'golden-1', NoReboot: true }),
  );
  original = ImageId;
  await available(ec2, original);
  await terminate(ec2, id);
  const { stdout: publicKey } = await execa('ssh-keygen', ['-y', '-f', key]);
  for (const region of others) {
    const there = ec2In(region);
    const copy = new CopyImageCommand({
      SourceImageId: original,
      SourceRegion: 'us-east-1',
      Name: 'golden-1',
    });
    const { ImageId: copied = '' } = await there.send(copy);
    await available(there, copied);
    copies.set(region, copied);
    const parameter = { Name: '/golden', Value: copied, Type: 'String', DataType: 'aws:ec2:image' } as const;
    await ssmIn(region).send(new PutParameterCommand(parameter));
    const PublicKeyMaterial = Buffer.from(publicKey);
    await there.send(new ImportKeyPairCommand({ KeyName: 'launch', PublicKeyMaterial }));
  }
  expect(new Set([original, ...copies.values()]).size).toBe(3);
});

test('a machine that is launched by the parameter is the copy of its region, also when the original has gone', async () => {
  await cloud.ec2.send(new DeregisterImageCommand({ ImageId: original, DeleteAssociatedSnapshots: true }));
  const LaunchTemplateData = { ImageId: 'resolve:ssm:/golden', KeyName: 'launch' };
  const LaunchTemplateName = 'golden';
  await ec2In('us-west-2').send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
  const launches: Record<string, Parameters<typeof run>[1]> = {
    'eu-west-1': { ImageId: 'resolve:ssm:/golden', KeyName: 'launch' },
    'us-west-2': { LaunchTemplate: { LaunchTemplateName } },
  };
  const addresses: string[] = [];
  for (const [region, asked] of Object.entries(launches)) {
    const ec2 = ec2In(region);
    const id = await run(ec2, { InstanceType: 't3.nano', ...asked });
    const instance = await reaches(ec2, id, 'running');
    addresses.push(instance.PublicIpAddress ?? '');
    expect(instance).toMatchObject({
      ImageId: copies.get(region),
      Placement: { AvailabilityZone: `${region}a` },
    });
    // The machine itself knows where it is, and of what it was made.
    const ask = 'curl -s http://169.254.169.254/latest/meta-data';
    const questions = ['cat /srv/mark', `${ask}/placement/region; echo`, `${ask}/ami-id`].join('; ');
    const answers = (await ssh(instance.PublicIpAddress, key, questions)).split('\n');
    expect(answers).toEqual(['baked', region, copies.get(region)]);
  }
  expect(new Set(addresses).size).toBe(2);
});

test('the images of all regions outlive the cloud, with the layers that they stand on', async () => {
  const layers = () => readdirSync(join(cloud.state, 'layers')).filter((name) => !name.startsWith('base-'));
  expect(await cloud.stop()).toBe(143);
  expect(readdirSync(join(cloud.state, 'volumes'))).toEqual([]);
  cloud = await startCloud(cloud.state);
  expect(layers()).toHaveLength(1);
  for (const [region, id] of copies) {
    const ec2 = ec2In(region);
    await available(ec2, id);
    await ec2.send(new DeregisterImageCommand({ ImageId: id, DeleteAssociatedSnapshots: true }));
  }
  expect(layers()).toEqual([]);
});

test('awscli reaches another region by its flag', async () => {
  const zones = ['ec2', 'describe-availability-zones', '--query', 'AvailabilityZones[].ZoneName'];
  const args = ['--region', 'us-west-2', ...zones, '--output', 'text'];
  const { stdout } = await execa('/usr/bin/aws', args, { env: cloud.env, extendEnv: false, stdin: 'ignore' });
  expect(stdout).toBe('us-west-2a');
});
