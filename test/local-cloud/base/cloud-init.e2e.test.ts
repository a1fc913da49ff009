import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { baseImage } from '../../e2e/puppet-image.ts';

// The base image may have to be built first.
jest.setTimeout(300_000);

const instance = '/var/lib/cloud/instances/i-1';

describe('in the base image', () => {
  let folder = '';
  let base = '';
  const root = () => join(folder, 'root');
  const write = (files: Readonly<Record<string, string | Buffer>>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root(), path)), { recursive: true });
      writeFileSync(join(root(), path), content, { mode: 0o755 });
    }
  };
  const inside = (...args: string[]) =>
    execa('chroot', [root(), ...args], { reject: false, stdin: 'ignore', all: true, env: { HOME: '/' } });
  const boots = async () => {
    await inside('/etc/systemd/system-generators/cloud-init-generator', '/normal', '/early', '/late');
    const wanted = existsSync(join(root(), 'early/multi-user.target.wants'));
    expect(existsSync(join(root(), 'run/cloud-init/enabled'))).toBe(wanted);
    return wanted ? 'cloud-init' : 'no cloud-init';
  };

  beforeAll(async () => {
    base = (await baseImage()).directory;
  });
  beforeEach(async () => {
    if (folder !== '') await remove();
    folder = mkdtempSync('/tmp/base-image-test-');
    for (const part of ['upper', 'work', 'root']) mkdirSync(join(folder, part));
    const part = (name: string) => join(folder, name);
    const options = `lowerdir=${base},upperdir=${part('upper')},workdir=${part('work')}`;
    await execa('mount', ['-t', 'overlay', '-o', options, 'overlay', root()]);
    write({ '/run/config-drive/instance-id': 'i-1\n', '/run/config-drive/user-data': '' });
  });
  const remove = async () => {
    await execa('umount', [root()]);
    rmSync(folder, { recursive: true });
  };
  afterAll(remove);

  const userData = (content: string | Buffer) => ({ '/run/config-drive/user-data': content });
  const script = userData('#!/bin/sh\n');
  const config = userData('#cloud-config\n{}\n');
  test.each<[what: string, files: Record<string, string | Buffer>, by: string]>([
    ['no user data', {}, 'no cloud-init'],
    ['a script', script, 'no cloud-init'],
    ['#cloud-config', config, 'cloud-init'],
    ['multipart', userData('Content-Type: multipart/mixed; boundary="="\n'), 'cloud-init'],
    ['#include', userData('#include\nhttp://192.0.2.1/\n'), 'cloud-init'],
    ['a template', userData('## template: jinja\n#cloud-config\n'), 'cloud-init'],
    ['gzip', userData(Buffer.from([0x1f, 0x8b, 0x08, 0x00])), 'cloud-init'],
    ['a text of no kind', userData('hello'), 'cloud-init'],
    [
      'a script, in an image with settings',
      { ...script, '/etc/cloud/cloud.cfg.d/99-team.cfg': '{}' },
      'cloud-init',
    ],
    [
      'none, in an image with a script for each boot',
      { '/var/lib/cloud/scripts/per-boot/a': '#!/bin/sh\n' },
      'cloud-init',
    ],
    [
      '#cloud-config where cloud-init is disabled',
      { ...config, '/etc/cloud/cloud-init.disabled': '' },
      'no cloud-init',
    ],
    [
      '#cloud-config for an instance that began without',
      { ...config, [`${instance}/sem/config_ssh`]: '' },
      'no cloud-init',
    ],
    [
      'a script for an instance that began with cloud-init',
      { ...script, [`${instance}/obj.pkl`]: '' },
      'cloud-init',
    ],
  ])('%s is left to the right program', async (_, files, by) => {
    write(files);
    expect(await boots()).toBe(by);
  });

  const status = async (...options: string[]) => {
    const { exitCode, all } = await inside('cloud-init', 'status', ...options);
    return [exitCode, all];
  };
  const runUserData = async (files: Readonly<Record<string, string | Buffer>>) => {
    write({ '/var/lib/cloud/instances/i-1/scripts/none': '', '/run/cloud-init/none': '', ...files });
    await inside('ln', '-sfn', 'instances/i-1', '/var/lib/cloud/instance');
    return inside('/usr/lib/local-cloud/user-data');
  };

  test('a script that fails is an error of cloud-init status, and its output is on the console', async () => {
    expect(await status()).toEqual([0, 'status: running']);
    const { all } = await runUserData(userData('#!/bin/sh\necho said\nexit 3\n'));
    expect(all).toContain('said\nuser data exited 3');
    expect(await status('--wait')).toEqual([1, 'status: error']);
    expect(await status('--wait', '--long')).toEqual([1, 'status: error\ndetail:\nuser data exited 3']);
  });

  test('a script that leaves a process behind ends, and what it said is in the log', async () => {
    const { all } = await runUserData(userData('#!/bin/sh\nsleep 8 &\necho said\n'));
    expect(all).toContain('said');
    expect(await status('--wait')).toEqual([0, 'status: done']);
    expect((await inside('cat', '/var/log/cloud-init-output.log')).stdout).toBe('said');
  });

  test('what is no script and comes after the first boot is not run, which is an error', async () => {
    await runUserData(config);
    expect(await status()).toEqual([1, 'status: error']);
  });

  test("cloud-init's other commands are Debian's", async () => {
    expect((await inside('cloud-init', '--version')).stdout).toMatch(/^\/usr\/bin\/\S+ \d+\.\d/);
    expect(await status('--format', 'json')).toEqual([2, expect.stringContaining('--wait')]);
  });
});
