import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { stageArguments, unref } from '../cli/stage-process.ts';
import { offerPuppet } from './puppet-image.ts';

/** A local cloud of a test's own, as a process. */
export interface Cloud {
  /** What its exports say, for the environment of any AWS tool. */
  env: Record<string, string>;
  ec2: EC2Client;
  state: string;
  stop: () => Promise<number | null>;
}

/** Starts a local cloud over a new state folder, or over the given one, and waits until it serves. */
export async function startCloud(
  state = newState(),
  program = stageArguments('local-cloud/local-cloud'),
): Promise<Cloud> {
  const args = [...program, '--state', state, '--port', '0'];
  // Ends with jest, also when a test has failed before it could stop its cloud.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const env: Record<string, string> = { AWS_POLL_DELAY_SECONDS: '1', AWS_EC2_METADATA_DISABLED: 'true' };
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name = '', value = ''] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    env[name] = value;
    if (name === 'AWS_DATA_PATH') break;
  }
  if (env.AWS_ENDPOINT_URL === undefined) throw new Error('the local cloud did not start');
  child.stdout.resume();
  unref(child);
  return {
    env,
    state,
    ec2: new EC2Client(clientSettings(env)),
    stop: async () => {
      child.ref(); // Without jest, as in the bench, nothing else waits for it.
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(state, { recursive: true, force: true });
      return code;
    },
  };
}

/**
 * What a client of any service of the cloud is made with. The SDK looks its settings up in the environment once for a
 * process, and a process may test several clouds.
 */
export function clientSettings(env: Record<string, string>, region = 'us-east-1') {
  const credentials = readFileSync(env.AWS_SHARED_CREDENTIALS_FILE ?? '', 'utf8');
  const value = (key: string) => new RegExp(`^${key} *= *(.*)$`, 'm').exec(credentials)?.[1] ?? '';
  return {
    region,
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    credentials: { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') },
  };
}

/** Starts a local cloud that also offers Debian with Puppet: nodes that say {@link withPuppet} are baked in half the time. */
export async function startCloudWithPuppet(program?: string[]): Promise<Cloud> {
  const state = newState();
  await offerPuppet(state);
  return startCloud(state, program);
}

const newState = () => mkdtempSync(join(tmpdir(), 'bakehouse-cloud-'));

/** The first three numbers of its machines' addresses; the fourth of this computer's is 1. */
export function cloudNetwork({ state }: Cloud): string {
  const { account } = JSON.parse(readFileSync(join(state, 'state.json'), 'utf8')) as {
    account: { network: string };
  };
  return account.network;
}

/** Gives an address a name that its machines know from their next boot on. */
export function nameInCloud({ state }: Cloud, address: string, name: string): void {
  appendFileSync(join(state, 'hosts'), `${address} ${name}\n`);
}

/** All that costs money or could be mistaken for something: machines, disks, keys, images, snapshots. */
export async function whatIsThere(ec2: EC2Client) {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
  const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({}));
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  const instances = Reservations.flatMap((reservation) => reservation.Instances ?? []);
  return {
    instances: instances.filter((one) => one.State?.Name !== 'terminated').map((one) => one.InstanceId),
    volumes: Volumes.map((one) => one.VolumeId),
    keyPairs: KeyPairs.map((one) => one.KeyName),
    images: Images.map((one) => one.ImageId),
    snapshots: Snapshots.map((one) => one.SnapshotId),
  };
}

export const nothing = { instances: [], volumes: [], keyPairs: [], images: [], snapshots: [] };
