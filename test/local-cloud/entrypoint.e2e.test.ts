import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortHash } from '../../src/local-cloud/state/ids.ts';
import { identify } from '../../src/local-cloud/state/process-id.ts';
import { root, stageArguments } from '../cli/stage-process.ts';
import {
  eventually,
  newState,
  removeState,
  startCloud,
  startLocalCloud,
  type CloudUnderTest,
} from './cloud-under-test.ts';
import { debianImage, reaches, run } from './machine-under-test.ts';

jest.setTimeout(30_000);

describe('the entrypoint', () => {
  let cloud: CloudUnderTest;
  beforeAll(async () => {
    const state = newState();
    writeFileSync(join(state, 'calls.log'), '');
    cloud = await startCloud(state);
  });
  afterAll(async () => {
    await cloud.stop();
    removeState(cloud.state);
  });

  test('prints where its endpoint and the files for clients are, and keeps the keys to itself', () => {
    const { state, env } = cloud;
    expect(env).toMatchObject({
      AWS_CONFIG_FILE: join(state, 'aws/config'),
      AWS_SHARED_CREDENTIALS_FILE: join(state, 'aws/credentials'),
      AWS_DATA_PATH: join(state, 'aws/models'),
    });
    expect(env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(join(state, 'aws/config'), 'utf8')).toContain('region = us-east-1');
    const mode = (file: string) => (statSync(join(state, file)).mode & 0o777).toString(8);
    expect([mode('aws/credentials'), mode('state.json')]).toEqual(['600', '600']);
  });

  test('does the faults of faults.json, and tells each call in calls.log', async () => {
    const file = join(cloud.state, 'faults.json');
    const look = () => cloud.ec2.send(new DescribeVpcsCommand({}));
    writeFileSync(file, '[{ "action": "DescribeVpcs", "error": { "code": "Ordered", "status": 500 } }]');
    await expect(look()).rejects.toMatchObject({ name: 'Ordered' });
    writeFileSync(file, '[{}]');
    await look();
    // It comes another way than the answer, and may come later.
    await eventually(() =>
      Promise.resolve(
        cloud.stderr().includes('faults.json is wrong, so no fault of it is in force: 0') || undefined,
      ),
    );
    rmSync(file);
    const lines = readFileSync(join(cloud.state, 'calls.log'), 'utf8').trimEnd().split('\n');
    const vpcs = { service: 'ec2', region: 'us-east-1', action: 'DescribeVpcs', ms: expect.any(Number) };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...vpcs, status: 500, code: 'Ordered' },
      { ...vpcs, status: 200 },
    ]);
  });

  test('is refused a second time on the same state folder, with the process that has it', async () => {
    const second = await startLocalCloud(['--state', cloud.state, '--port', '0']);
    expect(await second.ended).toBe(4);
    expect(second.lines).toEqual([]);
    expect(second.stderr()).toBe(
      `local-cloud: process ${cloud.pid} already runs a local cloud on ${cloud.state}: use that one, stop it, or give another --state folder\n`,
    );
  });

  test('ends with 4 where its port is taken, and leaves nothing of its own behind', async () => {
    const state = newState();
    const port = new URL(cloud.env.AWS_ENDPOINT_URL ?? '').port;
    const other = await startLocalCloud(['--state', state, '--port', port]);
    expect(await other.ended).toBe(4);
    expect(other.stderr()).toBe(
      `local-cloud: port ${port} of 127.0.0.1 is in use: give another one with --port, or 0 for any\n`,
    );
    const left = await execa('ip', ['link', 'show', `bh-${shortHash(state, 8)}`], { reject: false });
    expect(left.stderr).toContain('does not exist');
    removeState(state);
  });

  test.each([
    ['exit 7', 7],
    ['kill -TERM $$', 143],
  ])('ends as the program after -- does: %s', async (end, code) => {
    const state = newState();
    const own = {
      AWS_PROFILE: 'production',
      AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '7',
    };
    const script = `echo "$AWS_ENDPOINT_URL $AWS_CONFIG_FILE $AWS_MAX_ATTEMPTS"; env | grep -E 'PROFILE|_EC2'; ${end}`;
    const program = ['--state', state, '--port', '0', '--', 'sh', '-c', script];
    const { status, stdout } = await runToEnd(program, own);
    expect(status).toBe(code);
    expect(stdout).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+ ${state}/aws/config 7\n$`));
    removeState(state);
  });

  test('lets the program after -- end first when it is told to stop, on a cloud that still serves', async () => {
    const state = newState();
    // A TCP connection that is refused is a failed command.
    const script = `trap 'sleep 0.5; : < /dev/tcp/127.0.0.1/\${AWS_ENDPOINT_URL##*:} && exit 5' TERM
      echo begun >&2; while :; do sleep 0.1; done`;
    const { status } = await runToEnd(
      ['--state', state, '--port', '0', '--', 'bash', '-c', script],
      {},
      'begun',
    );
    expect(status).toBe(5);
    removeState(state);
  });

  test('ends with 2 where a flag is wrong', async () => {
    const wrong = await startLocalCloud(['--prot', '1']);
    expect(await wrong.ended).toBe(2);
    expect(wrong.stderr()).toContain("Unknown option '--prot'");
  });

  test('ends with 143 when it is told to stop while a machine waits for its base image, and leaves nothing half-built', async () => {
    const cache = newState();
    const built = await startCloud(newState(), { BAKEHOUSE_CACHE: cache });
    const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').includes(cache);
    // Nothing is built before a machine needs it.
    expect(readdirSync(cache)).toEqual([]);
    await run(built.ec2, { ImageId: await debianImage(built.ec2), MinCount: 2, MaxCount: 2 });
    await eventually(() =>
      Promise.resolve(readdirSync(cache).some((name) => name.includes('.building-')) || undefined),
    );
    // Into the middle of the work.
    await sleep(1000);
    expect(await built.stop()).toBe(143);
    expect(built.stderr().replace(/^local-cloud: \w+ \d+ .*\n/gm, '')).toMatch(
      /^local-cloud: building the base image of [^\n]*\n(?:local-cloud: base image, \d+ s: [^\n]*\n)*$/,
    );
    expect(readdirSync(cache)).toEqual([]);
    expect(mounts()).toBe(false);
    removeState(built.state);
    removeState(cache);
  });

  test('says of a machine whose release cannot be built here that it failed, and why', async () => {
    const cache = newState();
    const cloudOf = await startCloud(newState(), {
      BAKEHOUSE_CACHE: cache,
      PATH: `${cache}/bin:${process.env.PATH}`,
    });
    mkdirSync(join(cache, 'bin'));
    const fails = '#!/bin/sh\necho "E: Release file not found" >&2\nexit 25\n';
    writeFileSync(join(cache, 'bin/mmdebstrap'), fails, { mode: 0o755 });
    const id = await run(cloudOf.ec2, { ImageId: await debianImage(cloudOf.ec2) });
    const ended = await reaches(cloudOf.ec2, id, 'terminated');
    expect(ended.StateReason).toMatchObject({
      Code: 'Server.InternalError',
      Message: expect.stringMatching(
        /mmdebstrap could not build Debian \d+ \(\w+\) in .* It said: E: Release file not found$/,
      ),
    });
    expect(cloudOf.stderr()).toContain(`${id} does not boot: mmdebstrap could not build`);
    await cloudOf.stop();
    removeState(cloudOf.state);
    removeState(cache);
  });
});

test('ends with the npm that started it, also where nobody but npm is told to stop', async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  // npm passes a signal on to the shell only, and a shell that has a child dies of it.
  // What npm pack runs ends by itself.
  const { prepack, ...called } = scripts;
  expect(prepack).toMatch(/^node /);
  for (const script of Object.values(called)) expect(script).not.toMatch(/^node /);
  const state = newState();
  const args = ['run', '--silent', 'local-cloud', '--', '--state', state, '--port', '0'];
  const npm = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(npm, 'exit');
  for await (const line of createInterface({ input: npm.stdout })) if (line.includes('AWS_DATA_PATH')) break;
  npm.stdout.resume();
  const { pid } = JSON.parse(readFileSync(join(state, 'lock'), 'utf8')) as { pid: number };
  try {
    npm.kill('SIGTERM');
    await ended;
    await eventually(() => Promise.resolve(identify(pid) === undefined || undefined), 10_000);
    expect(readdirSync(state)).not.toContain('lock');
  } finally {
    if (identify(pid) !== undefined) process.kill(pid, 'SIGTERM');
    removeState(state);
  }
});

/** Runs the entrypoint until it ends; once it has said `stopAt`, it is told to stop. */
async function runToEnd(args: readonly string[], env: Record<string, string>, stopAt?: string) {
  const all = [
    '--pdeathsig',
    'TERM',
    process.execPath,
    ...stageArguments('local-cloud/local-cloud'),
    ...args,
  ];
  const child = spawn('setpriv', all, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stopAt !== undefined && text.includes(stopAt)) child.kill('SIGTERM');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout };
}
