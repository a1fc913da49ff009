import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthorizeSecurityGroupIngressCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { root, stage, type StageEnd } from '../cli/stage-process.ts';
import { type Cloud, startCloud } from './local-cloud.ts';

/** The doctor with this computer's own programs, and an account on the local cloud. */

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
}, 300_000);
afterAll(() => cloud.stop());

interface Shown {
  findings: { check: string; state: string; found: string; advice: string }[];
}
const key = { BAKEHOUSE_DIGEST_KEY: 'the same on all agents' };
const doctor = () => stage('doctor', ['--json'], { env: { ...cloud.env, ...key, HOME: '/root' } });
const amiss = ({ stdout }: StageEnd) =>
  (JSON.parse(stdout) as Shown).findings.filter(({ state }) => state !== 'ok');

const ssh = (CidrIp: string) => [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp }] }];
const packer = async () => {
  const Filters = [{ Name: 'group-name', Values: ['packer'] }];
  const { SecurityGroups: [found] = [] } = await cloud.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters }),
  );
  return { GroupId: found?.GroupId ?? '' };
};

test('a machine and an account that are ready are ok, in every check', async () => {
  const end = await stage('doctor', [], { env: { ...cloud.env, ...key, HOME: '/root' } });
  expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  expect(end.stdout).toMatch(/^Packer +ok +1\.\d+\.\d+$/m);
  expect(end.stdout).toMatch(/^Puppet +ok +\d+\.\d+\.\d+, run by Ruby \d/m);
  expect(end.stdout).toMatch(/^region +ok +us-east-1, from the profile 'default'$/m);
  expect(end.stdout).toMatch(
    /^credentials +ok\s+account \d{12}, arn:aws:iam::\d{12}:\S+, key \w{4}…\w{4} from profile$/m,
  );
  expect(end.stdout).toMatch(/^group packer +ok\s+sg-\w+ in vpc-\w+, ssh open to 10\.0\.0\.0\/8$/m);
  expect(end.stdout).toMatch(/\n18 ok, 0 warnings, 0 errors, 0 unknown$/);
});

test('a group that is open to every address is wrong', async () => {
  const world = { ...(await packer()), IpPermissions: ssh('0.0.0.0/0') };
  await cloud.ec2.send(new AuthorizeSecurityGroupIngressCommand(world));
  const end = await doctor();
  expect(end).toMatchObject({ exitCode: 2, stderr: '' });
  expect(amiss(end)).toEqual([
    {
      check: 'group packer',
      state: 'wrong',
      found: expect.stringContaining('ssh is open to 0.0.0.0/0'),
      advice: expect.stringContaining('allow the agents only'),
    },
  ]);
  await cloud.ec2.send(new RevokeSecurityGroupIngressCommand(world));
});

test('a group that is missing can be made by following the advice', async () => {
  await cloud.ec2.send(new DeleteSecurityGroupCommand(await packer()));
  const without = await doctor();
  expect(without).toMatchObject({ exitCode: 2, stderr: '' });
  expect(amiss(without)).toMatchObject([{ check: 'group packer', state: 'missing' }]);

  const obey = async (advice = '') => {
    const [, ...args] = (/aws (ec2 [^,]*)/.exec(advice)?.[1] ?? '')
      .split(' ')
      .map((word) => word.replace('ADDRESS', '10.1.2.3'));
    await execa('aws', ['ec2', ...args], { env: { ...cloud.env, AWS_PAGER: '' } });
  };
  await obey(amiss(without)[0]?.advice);
  const closed = await doctor();
  expect(amiss(closed)).toMatchObject([
    { check: 'group packer', state: 'wrong', found: expect.stringContaining('no address may reach port 22') },
  ]);
  await obey(amiss(closed)[0]?.advice);
  expect(await doctor()).toMatchObject({ exitCode: 0 });
}, 120_000);

describe('what AWS does on a bad day', () => {
  const withFaults = async (faults: object[], use: () => Promise<StageEnd>) => {
    const file = join(cloud.state, 'faults.json');
    writeFileSync(file, JSON.stringify(faults));
    try {
      return await use();
    } finally {
      rmSync(file);
    }
  };

  test('a look-up that is denied names the permission', async () => {
    const denied = {
      action: 'DescribeSecurityGroups',
      error: { code: 'UnauthorizedOperation', status: 403 },
    };
    const end = await withFaults([denied], doctor);
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    expect(amiss(end)).toEqual([
      {
        check: 'group packer',
        state: 'wrong',
        found: 'ec2:DescribeSecurityGroups is denied',
        advice: expect.stringContaining('allow ec2:DescribeSecurityGroups'),
      },
    ]);
  });

  test('an answer without its list is no group that is missing', async () => {
    const end = await withFaults([{ action: 'DescribeSecurityGroups', malformed: true }], doctor);
    expect(end).toMatchObject({ exitCode: 4, stderr: '' });
    expect(amiss(end)).toMatchObject([
      { check: 'EC2', state: 'unknown' },
      { check: 'group packer', state: 'unknown' },
    ]);
  });
});

test('without Puppet, Packer and OpenSSH it says how to get each, all at once', async () => {
  // In a mount namespace of its own, where their folders and programs are covered.
  const cover =
    'for file; do if [ -d "$file" ]; then mount -t tmpfs none "$file"; else mount --bind /dev/null "$file"; fi; done';
  const hide = ['/usr/lib/ruby/vendor_ruby', '/usr/bin/packer', '/usr/bin/ssh'];
  const command = `${cover}; exec "$NODE" --import tsx src/doctor.ts --offline --json`;
  const end = await execa('unshare', ['--mount', 'sh', '-c', command, 'sh', ...hide], {
    cwd: root,
    env: { NODE: process.execPath, ...key },
    reject: false,
  });
  expect(end).toMatchObject({ exitCode: 2, stderr: '' });
  expect(amiss(end as unknown as StageEnd)).toEqual([
    expect.objectContaining({ check: 'Packer', advice: expect.stringContaining('apt-get install packer') }),
    expect.objectContaining({ check: 'amazon plugin', state: 'unknown' }),
    expect.objectContaining({
      check: 'Puppet',
      advice: expect.stringContaining('apt-get install puppet-agent'),
    }),
    expect.objectContaining({
      check: 'OpenSSH client',
      advice: expect.stringContaining('apt-get install openssh-client'),
    }),
  ]);
});
