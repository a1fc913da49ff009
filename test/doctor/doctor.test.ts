import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type Answer, awsServer, ec2Answer, ec2Error, queryAnswer } from '../aws/aws-server.ts';
import { agentPath, type Programs } from '../jenkins/agent-programs.ts';
import { root, stage, stageArguments, type StageEnd, temporaryFolder } from '../cli/stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
// Only the complete machine asks the real Puppet.
const quickPuppet = () => ({ RUBYLIB: join(folder.path, 'bin') });
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'nodes.yaml'), 'redis: {group: packer}\n');
});
afterEach(() => {
  folder.remove();
});

const noStack = expect.not.stringMatching(/\n\s+at /);
const account = {
  BAKEHOUSE_DIGEST_KEY: '0123456789abcdef-secret',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI-secret',
};

interface Shown {
  findings: { check: string; state: string; found: string; advice: string }[];
}
const doctor = (args: string[], programs: Programs = {}, env: Record<string, string> = {}) =>
  stage('doctor', [...args, '--json'], {
    cwd: folder.path,
    // A home of its own: the cache must be writable also for a user who is not root.
    env: { ...account, ...quickPuppet(), HOME: folder.path, ...env },
    path: agentPath(folder.path, programs),
  });
const findings = ({ stdout }: StageEnd) => (JSON.parse(stdout) as Shown).findings;
const finding = (end: StageEnd, check: string) => findings(end).find((one) => one.check === check);
const states = (end: StageEnd, ...but: string[]) =>
  Object.fromEntries(
    findings(end)
      .filter(({ state }) => !but.includes(state))
      .map(({ check, state }) => [check, state]),
  );

describe('the doctor on this machine', () => {
  test('finds nothing wrong on a complete machine, and leaves nothing behind', async () => {
    const end = await doctor(['--offline'], {}, { RUBYLIB: '' });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(states(end, 'ok')).toEqual({});
    expect(findings(end).map(({ check }) => check)).toEqual([
      ...['Node', 'npm packages', 'Packer', 'amazon plugin', 'Puppet', 'git', 'OpenSSH client', 'setpriv'],
      ...['workspace', 'temporary folder', 'cache folder', 'digest key', 'nodes'],
    ]);
    expect(end.stdout).not.toContain('secret');
    expect(readdirSync(folder.path).sort()).toEqual(['bin', 'nodes.yaml']);
  });

  test('shows all that is missing at once, in a table with what to do', async () => {
    writeFileSync(join(folder.path, 'nodes.yaml'), 'redis: {group: 5}\nweb: {size: []}\n');
    const path = agentPath(folder.path, {
      packer: undefined,
      git: undefined,
      'ssh-keygen': undefined,
      setpriv: 'echo "setpriv: unrecognized option: pdeathsig" >&2; exit 1',
    });
    const env = { ...account, ...quickPuppet(), HOME: folder.path, BAKEHOUSE_DIGEST_KEY: 'short' };
    const end = await stage('doctor', ['--offline'], { cwd: folder.path, env, path });
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    expect(end.stdout).toMatch(/^CHECK +STATE +FOUND +WHAT TO DO$/m);
    expect(end.stdout).toMatch(
      /^Packer +missing[^]*?`packer` is not on PATH\s+install Packer 1\.6 or later/m,
    );
    expect(end.stdout).toMatch(/^amazon plugin +unknown\s+there is no Packer/m);
    expect(end.stdout).toMatch(/^git +missing/m);
    expect(end.stdout).toMatch(/^OpenSSH client +missing[^]*?`ssh-keygen`/m);
    expect(end.stdout).toMatch(/^setpriv +wrong[^]*?pdeathsig/m);
    expect(end.stdout).toMatch(/^digest key +wrong/m);
    expect(end.stdout).toMatch(/^nodes +wrong\s+nodes\.yaml:1:16: .*\n +nodes\.yaml:2:/m);
    expect(end.stdout).toMatch(/\nAWS was not asked \(--offline\)\.\n6 ok, 0 warnings, 6 errors, 1 unknown$/);
  });

  test('misses the amazon plugin of a Packer that does not include it', async () => {
    const packer = 'case "$1" in version) echo "Packer v1.11.2" ;; plugins) exit 0 ;; esac';
    const end = await doctor(['--offline'], { packer });
    expect(end.exitCode).toBe(2);
    expect(states(end, 'ok')).toEqual({ 'amazon plugin': 'missing' });
  });

  test('is not held up by a program that hangs: it is unknown, with exit code 4', async () => {
    const end = await doctor(['--offline'], { packer: '/bin/sleep 1000 & wait' });
    expect(end).toMatchObject({ exitCode: 4, stderr: '' });
    expect(states(end, 'ok')).toEqual({ Packer: 'unknown', 'amazon plugin': 'unknown' });
  });

  test('ends with a SIGTERM, and the programs that it has started end with it', async () => {
    const pidFile = join(folder.path, 'pid');
    const path = agentPath(folder.path, { packer: `echo $$ > '${pidFile}'; exec /bin/sleep 1000` });
    const child = spawn(process.execPath, [...stageArguments('doctor'), '--offline'], {
      cwd: root,
      env: { ...account, ...quickPuppet(), PATH: path, HOME: '/proc/nobody' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await pause(20);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(stderr).toMatch(/^doctor: SIGTERM: .*\ndoctor: ended\n$/);
    const stat = `/proc/${readFileSync(pidFile, 'utf8').trim()}/stat`;
    while (existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ')) await pause(20);
  });

  test('says which npm packages are missing, and makes the checks that do not need them', async () => {
    const project = join(folder.path, 'project');
    for (const name of ['src', 'package.json', 'package-lock.json', 'nodes.yaml'])
      cpSync(join(root, name), join(project, name), { recursive: true });
    mkdirSync(join(project, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (!['@aws-sdk', 'execa', 'yaml', 'write-file-atomic'].includes(name))
        symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
    }
    const args = ['--import', 'tsx', join(project, 'src/doctor.ts'), '--offline', '--json'];
    const end = await execa(process.execPath, args, {
      cwd: project,
      env: { ...account, PATH: agentPath(folder.path, {}), HOME: '/proc/nobody' },
      extendEnv: false,
      reject: false,
    });
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    const shown = end as unknown as StageEnd;
    expect(states(shown, 'ok')).toEqual({
      'npm packages': 'wrong',
      // execa is missing, which runs all programs.
      ...{
        Packer: 'unknown',
        Puppet: 'unknown',
        git: 'unknown',
        'OpenSSH client': 'unknown',
        setpriv: 'unknown',
      },
      'cache folder': 'unknown',
      nodes: 'unknown',
    });
    expect(finding(shown, 'npm packages')).toMatchObject({
      found: expect.stringMatching(/@aws-sdk\/\S+ is missing, .* more$/),
      advice: 'npm ci --include=dev',
    });
  });

  test('refuses what is no flag of its own with exit code 2', async () => {
    const end = await doctor(['--node', 'redis']);
    expect(end).toMatchObject({ exitCode: 2, stderr: noStack });
    expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: 'bad-input' } });
    expect(end.stderr).toContain('unknown flag --node; did you mean --nodes?');
  });
});

const permissions = (cidr: string) =>
  `<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><ipRanges><item><cidrIp>${cidr}</cidrIp></item></ipRanges></item></ipPermissions>`;
const group = (id: string, cidr = '10.0.0.0/8') =>
  `<item><groupId>${id}</groupId><groupName>packer</groupName>${permissions(cidr)}</item>`;
const answered = (action: string, inner: string) => ({ status: 200, body: ec2Answer(action, inner) });
const groups = (...items: string[]) =>
  answered('DescribeSecurityGroups', `<securityGroupInfo>${items.join('')}</securityGroupInfo>`);
const good: Record<string, ReturnType<Answer>> = {
  GetCallerIdentity: {
    status: 200,
    body: queryAnswer(
      'GetCallerIdentity',
      '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ci</Arn>',
    ),
  },
  DescribeVpcs: answered('DescribeVpcs', '<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>'),
  DescribeSubnets: answered('DescribeSubnets', '<subnetSet><item><vpcId>vpc-2</vpcId></item></subnetSet>'),
  DescribeInstanceTypeOfferings: answered(
    'DescribeInstanceTypeOfferings',
    '<instanceTypeOfferingSet><item><instanceType>t3.small</instanceType></item></instanceTypeOfferingSet>',
  ),
  DescribeSecurityGroups: groups(group('sg-1')),
};

/** The doctor before an AWS that gives these answers. */
async function before(answers: typeof good | Answer, env: Record<string, string> = {}): Promise<StageEnd> {
  const answer: Answer = (action, body) => {
    if (typeof answers === 'function') return answers(action, body);
    return { ...good, ...answers }[action] ?? { status: 400, body: ec2Error('InvalidAction') };
  };
  const server = await awsServer(answer);
  try {
    return await doctor([], {}, { AWS_ENDPOINT_URL: process.env.AWS_ENDPOINT_URL ?? '', ...env });
  } finally {
    server.close();
  }
}

describe('the doctor before AWS', () => {
  test('finds nothing wrong in a ready account, and shows no secret', async () => {
    const end = await before({});
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(states(end, 'ok')).toEqual({});
    expect(finding(end, 'credentials')?.found).toMatch(
      /^account 123456789012, arn:aws:iam::123456789012:user\/ci, key AKIA…MPLE from env vars$/,
    );
    expect(end.stdout).not.toMatch(/secret|IOSFODNN7/);
  });

  test('misses a region, without which nothing else is known', async () => {
    const end = await before({}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' });
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    expect(states(end, 'ok')).toEqual({
      region: 'missing',
      credentials: 'unknown',
      EC2: 'unknown',
      'group packer': 'unknown',
      clock: 'unknown',
    });
    expect(finding(end, 'region')?.advice).toBe('set AWS_REGION=eu-west-1');
  });

  test('misses credentials', async () => {
    const end = await before({}, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    expect(states(end, 'ok')).toEqual({
      credentials: 'missing',
      EC2: 'unknown',
      'group packer': 'unknown',
      clock: 'unknown',
    });
  });

  test('says that credentials have expired', async () => {
    const expired = {
      status: 403,
      body: '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error></ErrorResponse>',
    };
    const end = await before((action) =>
      action === 'GetCallerIdentity' ? expired : { status: 401, body: ec2Error('AuthFailure') },
    );
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    expect(states(end, 'ok')).toEqual({ credentials: 'wrong', EC2: 'wrong', 'group packer': 'unknown' });
    expect(finding(end, 'credentials')?.found).toContain('ExpiredToken: The security token is expired');
  });

  test('ends with exit code 4, which is worth a retry, when AWS cannot be reached', async () => {
    const end = await doctor([], {}, { AWS_ENDPOINT_URL: 'http://me:secret@127.0.0.1:9' });
    expect(end).toMatchObject({ exitCode: 4, stderr: '' });
    expect(states(end, 'ok')).toEqual({
      credentials: 'unknown',
      EC2: 'unknown',
      'group packer': 'unknown',
      clock: 'unknown',
    });
    expect(end.stdout).not.toContain('secret');
  });

  test('checks the groups and instance types of each VPC where nodes are baked', async () => {
    const nodes =
      'redis: {group: packer, size: m2.2xlarge}\nweb: {group: zookeeper, packer: {subnet_id: s}}\ndb: {group: packer}\n';
    writeFileSync(join(folder.path, 'nodes.yaml'), nodes);
    const end = await before((action, body) =>
      action === 'DescribeSecurityGroups' && body.includes('vpc-2')
        ? groups()
        : (good[action] ?? { status: 400, body: '' }),
    );
    const found = findings(end).filter(({ check }) => /^(group|type) /.test(check));
    expect(found.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'group packer ok',
      'type m2.2xlarge missing',
      'group packer missing',
      'group zookeeper missing',
    ]);
  });

  test("says that this machine's clock is wrong", async () => {
    const date = new Date(Date.now() + 20 * 60_000).toUTCString();
    const end = await before((action) => ({
      ...(good[action] ?? { status: 400, body: '' }),
      headers: { date },
    }));
    expect(end).toMatchObject({ exitCode: 2, stderr: '' });
    expect(states(end, 'ok')).toEqual({ clock: 'wrong' });
    expect(finding(end, 'clock')?.found).toMatch(/^1[12]\d\d s behind AWS$/);
  });
});
