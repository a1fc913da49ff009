import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { execa } from 'execa';
import { root } from '../cli/stage-process.ts';
import { type Cloud, clientSettings, startCloud } from './local-cloud.ts';

/** The commands of docs/consume.md, as they stand there, by awscli against the local cloud. The image is the base image. */

const minutes = 60_000;
const page = readFileSync(join(root, 'docs/consume.md'), 'utf8');
/** Each line of the blocks of a shell. */
const commands = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n')); // prettier-ignore
const commandWith = (text: string) => {
  const found = commands.filter((command) => command.includes(text));
  expect([text, found]).toEqual([text, [expect.anything()]]);
  return found[0] ?? '';
};

let cloud: Cloud;
let images: string[];
beforeAll(async () => {
  cloud = await startCloud();
  const owned = "aws ec2 describe-images --query 'Images[].ImageId' --output text";
  images = (await shell(owned)).split(/\s+/);
  expect(images.length).toBeGreaterThan(1);
  const ssm = new SSMClient(clientSettings(cloud.env));
  for (const Value of images.slice(0, 2))
    await ssm.send(new PutParameterCommand({ Name: '/bakehouse/web', Value, Type: 'String', DataType: 'aws:ec2:image', Overwrite: true })); // prettier-ignore
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

async function shell(command: string): Promise<string> {
  const env = { ...cloud.env, PATH: '/usr/bin:/bin', AWS_PAGER: '' };
  return (await execa('bash', ['-c', command], { env, extendEnv: false, stdin: 'ignore' })).stdout;
}

/** Launches by a command; answers the image of the server, which does not stay. */
async function launched(command: string): Promise<string | undefined> {
  const answer = JSON.parse(await shell(command)) as { Instances: { ImageId: string; InstanceId: string }[] };
  const [instance] = answer.Instances;
  await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance?.InstanceId ?? ''] }));
  return instance?.ImageId;
}

test('get-parameter answers the current image, and get-parameter-history those before', async () => {
  expect(await shell(commandWith('get-parameter '))).toBe(images[1]);
  const history = await shell('aws ssm get-parameter-history --name /bakehouse/web --query Parameters[].Value --output text'); // prettier-ignore
  expect(history.split(/\s+/)).toEqual(images.slice(0, 2));
  expect(page).toContain('aws ssm get-parameter-history --name /bakehouse/web');
}, 60_000);

test('a server that is launched by the parameter has the current image, or that of the version that is named', async () => {
  const command = commandWith('--image-id');
  expect(await launched(command)).toBe(images[1]);
  expect(await launched(command.replace('/bakehouse/web', '/bakehouse/web:1'))).toBe(images[0]);
}, 60_000); // prettier-ignore

test('a server of a launch template that names the parameter has the current image, without a new version', async () => {
  await shell(commandWith('create-launch-template'));
  const command = commandWith('--launch-template ');
  expect(await launched(command)).toBe(images[1]);
  const ssm = new SSMClient(clientSettings(cloud.env));
  await ssm.send(new PutParameterCommand({ Name: '/bakehouse/web', Value: images[0], Type: 'String', Overwrite: true })); // prettier-ignore
  expect(await launched(command)).toBe(images[0]);
}, 60_000);

test('an instance refresh of a group with this template is accepted', async () => {
  await shell(`aws autoscaling create-auto-scaling-group --auto-scaling-group-name web --min-size 0 --max-size 1 --availability-zones us-east-1a --launch-template 'LaunchTemplateName=web,Version=$Default'`); // prettier-ignore
  expect(JSON.parse(await shell(commandWith('start-instance-refresh')))).toMatchObject({ InstanceRefreshId: expect.stringMatching(/./) }); // prettier-ignore
}, 60_000);

test('each command of the page is one of these', () => {
  expect(commands).toHaveLength(5);
});
