import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateKeyPairCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  RunInstancesCommand,
  type EC2Client,
  type Instance,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { debianVersion } from '../e2e/puppet-image.ts';
import { eventually, type CloudUnderTest } from './cloud-under-test.ts';

/** Finds the image that a new cloud offers of the tests' release of Debian. */
export async function debianImage(ec2: EC2Client): Promise<string> {
  const Filters = [{ Name: 'name', Values: [`debian-${debianVersion}-amd64-*`] }];
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['136693071363'], Filters }));
  return Images[0]?.ImageId ?? 'none';
}

/** Makes a key pair and writes its private half where ssh takes it. */
export async function makeKey(
  { ec2, state }: CloudUnderTest,
  name: string,
  type: 'rsa' | 'ed25519',
): Promise<string> {
  const { KeyMaterial = '' } = await ec2.send(new CreateKeyPairCommand({ KeyName: name, KeyType: type }));
  const file = join(state, `${name}.pem`);
  writeFileSync(file, KeyMaterial, { mode: 0o600 });
  return file;
}

/** Runs one instance, and does not wait for it. */
export async function run(
  ec2: EC2Client,
  asked: Partial<RunInstancesCommandInput> & ({ ImageId: string } | { LaunchTemplate: object }),
): Promise<string> {
  const { Instances = [] } = await ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ...asked }));
  return Instances[0]?.InstanceId ?? 'none';
}

export async function describe1(ec2: EC2Client, id: string): Promise<Instance> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const instance = Reservations[0]?.Instances?.[0];
  if (instance === undefined) throw new Error(`no instance ${id}`);
  return instance;
}

/** Waits for an instance's state. Throws at once when it has ended instead. */
export async function reaches(ec2: EC2Client, id: string, state: string): Promise<Instance> {
  return eventually(async () => {
    const instance = await describe1(ec2, id);
    const now = instance.State?.Name;
    if (now === 'terminated' && state !== now)
      throw new Error(`${id} ended: ${instance.StateReason?.Message ?? ''}`);
    return now === state ? instance : undefined;
    // Its base image may have to be built first.
  }, 90_000);
}

/** Runs a command on a machine as admin, waiting for its sshd, and answers what it printed. */
export async function ssh(address: string | undefined, keyFile: string, command: string): Promise<string> {
  return eventually(async () => {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'ConnectTimeout=2',
      'BatchMode=yes',
    ];
    const args = [
      ...options.flatMap((option) => ['-o', option]),
      '-i',
      keyFile,
      `admin@${address ?? ''}`,
      command,
    ];
    const { exitCode, stdout, stderr } = await execa('ssh', args, { reject: false, stdin: 'ignore' });
    // 255: ssh's own failure; the machine is still booting.
    if (exitCode === 255) return undefined;
    if (exitCode !== 0) throw new Error(`'${command}' exited ${exitCode ?? 'never'}: ${stderr}`);
    return stdout;
  });
}
