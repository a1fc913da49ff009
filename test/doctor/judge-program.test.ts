import { describe, expect, test } from '@jest/globals';
import { judgePacker, judgePlugin } from '../../src/doctor/judge-packer.ts';
import { judgeProgram } from '../../src/doctor/judge-program.ts';
import { judgePuppet } from '../../src/doctor/judge-puppet.ts';
import type { Ended, Ran, Silent } from '../../src/doctor/run-program.ts';
import type { PackerVersion } from '../../src/generate/installed-packer.ts';

const said = (stdout: string, exitCode = 0, stderr = ''): Ended => ({
  kind: 'ended',
  exitCode,
  stdout,
  stderr,
});
const hung: Silent = { kind: 'hung', seconds: 10 };
const absent: Silent = { kind: 'missing' };
const refused: Silent = { kind: 'unstartable', why: 'EACCES' };

describe('Packer', () => {
  test.each<[string, Ran, string, string, PackerVersion | undefined]>([
    ["Debian's", said('Packer v1.6.6\n'), 'ok', '1.6.6', [1, 6, 6]],
    [
      'one that is out of date',
      said('Packer v1.11.2\n\nYour version of Packer is out of date!'),
      'ok',
      '1.11.2',
      [1, 11, 2],
    ],
    ['that is older than the template', said('Packer v1.5.6'), 'wrong', '1.5.6 is too old', undefined],
    ["RedHat's cracklib-packer", said('', 1, '0 0'), 'wrong', "is not HashiCorp's: it said '0 0'", undefined],
    ['that says nothing', said(''), 'wrong', 'it ended with exit code 0 and said nothing', undefined],
    ['that is not there', absent, 'missing', 'no `packer` on PATH', undefined],
    ['that may not be run', refused, 'wrong', 'cannot be started (EACCES)', undefined],
    ['that hangs', hung, 'unknown', 'said nothing of itself within 10 s', undefined],
  ])('%s', (_, ran, state, found, version) => {
    const judged = judgePacker(ran);
    expect(judged.finding).toMatchObject({ state, found: expect.stringContaining(found) });
    expect(judged.version).toEqual(version);
    expect(judged.finding.advice === '').toBe(state === 'ok');
  });

  const plugin =
    '/home/a/.config/packer/plugins/github.com/hashicorp/amazon/packer-plugin-amazon_v1.3.1_x5.0_linux_amd64';
  const other =
    '/home/a/.config/packer/plugins/github.com/hashicorp/ansible/packer-plugin-ansible_v1.1.1_x5.0';
  test.each<[string, PackerVersion | undefined, Ran | undefined, string, string]>([
    ['of 1.6 is within it', [1, 6, 6], undefined, 'ok', 'within Packer 1.6.6'],
    ['of 1.9 is within it, though it lists none', [1, 9, 5], said(''), 'ok', 'within Packer 1.9.5'],
    ['of 1.9 is within it, though it hangs', [1, 9, 5], hung, 'ok', 'within Packer 1.9.5'],
    ['of 1.9 is apart where it was installed', [1, 9, 5], said(plugin), 'ok', 'packer-plugin-amazon_v1.3.1'],
    ['of 1.10 is apart', [1, 10, 0], said(''), 'missing', 'Packer 1.10.0 does not bring it along'],
    ['of 1.11 is no other plugin', [1, 11, 2], said(other), 'missing', 'Packer 1.11.2 does not'],
    ['of 1.11 is there', [1, 11, 2], said(`${other}\n${plugin}\n`), 'ok', 'packer-plugin-amazon_v1.3.1'],
    ['cannot be seen where the listing fails', [1, 11, 2], said('', 1, 'denied'), 'unknown', "'denied'"],
    ['cannot be seen where the listing hangs', [1, 11, 2], hung, 'unknown', 'no answer (hung)'],
    ['cannot be seen without Packer', undefined, undefined, 'unknown', 'there is no Packer'],
  ])('the amazon plugin %s', (_, version, ran, state, found) => {
    const finding = judgePlugin(version, ran);
    expect(finding).toMatchObject({ state, found: expect.stringContaining(found) });
    if (state === 'missing')
      expect(finding.advice).toContain('packer plugins install github.com/hashicorp/amazon');
  });
});

test.each<[string, string | undefined, Ran | undefined, string, string]>([
  ['is nowhere', undefined, undefined, 'missing', 'neither'],
  ['is there', '/r', said('Puppet 7.23.0 Ruby 3.1.2\n'), 'ok', '7.23.0, run by Ruby 3.1.2 (/r)'],
  ['is there with warnings', '/r', said('x\nPuppet 8.10.0 Ruby 3.2.5\n'), 'ok', '8.10.0, run by Ruby 3.2.5'],
  ['is old', '/r', said('Puppet 5.5.22 Ruby 2.7.0'), 'warning', '5.5.22'],
  [
    'does not load',
    '/r',
    said('', 1, 'a\ncannot load such file -- puppet'),
    'wrong',
    'cannot load such file',
  ],
  ['says nothing', '/r', said(''), 'wrong', 'said nothing'],
  ['hangs', '/r', hung, 'unknown', 'did not load Puppet within 10 s'],
  ['may not be run', '/r', refused, 'wrong', 'EACCES'],
])('Puppet that %s', (_, ruby, ran, state, found) => {
  expect(judgePuppet(ruby, ran)).toMatchObject({ state, found: expect.stringContaining(found) });
});

const git = { check: 'git', name: 'git', install: 'install git' };
const version = /^git version (\S+)/m;
test.each<[string, Ran, string, string, string]>([
  ['that tells its version', said('git version 2.39.5\n'), 'ok', '2.39.5', ''],
  ['that tells it on stderr', said('', 0, 'git version 2.39.5'), 'ok', '2.39.5', ''],
  [
    'that fails all the same',
    said('git version 2.39.5', 127),
    'wrong',
    '`git` is not what is needed',
    'install git',
  ],
  ['of another kind', said('hello'), 'wrong', "it said 'hello'", 'install git'],
  ['that a signal ended', { ...said(''), exitCode: undefined }, 'wrong', 'a signal', 'install git'],
  ['that is missing', absent, 'missing', 'no `git` on PATH', 'install git'],
  ['that hangs', hung, 'unknown', 'within 10 s', 'command -v git'],
])('a program %s', (_, ran, state, found, advice) => {
  expect(judgeProgram(git, ran, version)).toMatchObject({
    check: 'git',
    state,
    found: expect.stringContaining(found),
    advice: expect.stringContaining(advice),
  });
});
