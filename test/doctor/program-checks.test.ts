import { describe, expect, test } from '@jest/globals';
import { judgePacker, judgePlugin, judgeProgram, judgePuppet } from '../../src/doctor/program-checks.ts';
import type { ProgramEnd } from '../../src/lib/run-program.ts';

const printed = (stdout: string, exitCode = 0, stderr = ''): ProgramEnd => ({ exitCode, stdout, stderr });
const failure = (kind: string): ProgramEnd => ({
  exitCode: undefined,
  stdout: '',
  stderr: '',
  failure: kind,
});
const hung = failure('hung');
const absent = failure('missing');
const refused = failure('EACCES');

describe('Packer', () => {
  test.each<[string, ProgramEnd, string, string, string | undefined]>([
    ["Debian's", printed('Packer v1.6.6\n'), 'ok', '1.6.6', '1.6.6'],
    [
      'one that is out of date',
      printed('Packer v1.11.2\n\nYour version of Packer is out of date!'),
      'ok',
      '1.11.2',
      '1.11.2',
    ],
    ['that is older than the template', printed('Packer v1.5.6'), 'wrong', '1.5.6 is too old', undefined],
    [
      "RedHat's cracklib-packer",
      printed('', 1, '0 0'),
      'wrong',
      "is not HashiCorp's: it printed '0 0'",
      undefined,
    ],
    ['that says nothing', printed(''), 'wrong', 'it ended with exit code 0 and printed nothing', undefined],
    ['that is not there', absent, 'missing', '`packer` is not on PATH', undefined],
    ['that may not be run', refused, 'wrong', 'cannot be started (EACCES)', undefined],
    ['that hangs', hung, 'unknown', 'did not answer in time', undefined],
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
  test.each<[string, string | undefined, ProgramEnd | undefined, string, string]>([
    ['of 1.6 is within it', '1.6.6', undefined, 'ok', 'part of Packer 1.6.6'],
    ['of 1.9 is within it, though it lists none', '1.9.5', printed(''), 'ok', 'part of Packer 1.9.5'],
    ['of 1.9 is within it, though it hangs', '1.9.5', hung, 'ok', 'part of Packer 1.9.5'],
    ['of 1.9 is apart where it was installed', '1.9.5', printed(plugin), 'ok', 'packer-plugin-amazon_v1.3.1'],
    ['of 1.10 is apart', '1.10.0', printed(''), 'missing', 'Packer 1.10.0 does not include it'],
    ['of 1.11 is no other plugin', '1.11.2', printed(other), 'missing', 'Packer 1.11.2 does not'],
    ['of 1.11 is there', '1.11.2', printed(`${other}\n${plugin}\n`), 'ok', 'packer-plugin-amazon_v1.3.1'],
    ['cannot be seen where the listing fails', '1.11.2', printed('', 1, 'denied'), 'unknown', "'denied'"],
    ['cannot be seen where the listing hangs', '1.11.2', hung, 'unknown', 'no answer (hung)'],
    ['cannot be seen without Packer', undefined, undefined, 'unknown', 'there is no Packer'],
  ])('the amazon plugin %s', (_, version, ran, state, found) => {
    const finding = judgePlugin(version, ran);
    expect(finding).toMatchObject({ state, found: expect.stringContaining(found) });
    if (state === 'missing')
      expect(finding.advice).toContain('packer plugins install github.com/hashicorp/amazon');
  });
});

test.each<[string, string | undefined, ProgramEnd | undefined, string, string]>([
  ['is nowhere', undefined, undefined, 'missing', 'neither'],
  ['is there', '/r', printed('Puppet 7.23.0 Ruby 3.1.2\n'), 'ok', '7.23.0, run by Ruby 3.1.2 (/r)'],
  [
    'is there with warnings',
    '/r',
    printed('x\nPuppet 8.10.0 Ruby 3.2.5\n'),
    'ok',
    '8.10.0, run by Ruby 3.2.5',
  ],
  ['is old', '/r', printed('Puppet 5.5.22 Ruby 2.7.0'), 'warning', '5.5.22'],
  [
    'does not load',
    '/r',
    printed('', 1, 'a\ncannot load such file -- puppet'),
    'wrong',
    'cannot load such file',
  ],
  ['says nothing', '/r', printed(''), 'wrong', 'printed nothing'],
  ['hangs', '/r', hung, 'unknown', 'did not load Puppet in time'],
  ['may not be run', '/r', refused, 'wrong', 'EACCES'],
])('Puppet that %s', (_, ruby, ran, state, found) => {
  expect(judgePuppet(ruby, ran)).toMatchObject({ state, found: expect.stringContaining(found) });
});

const git = { check: 'git', name: 'git', install: 'install git' };
const version = /^git version (\S+)/m;
test.each<[string, ProgramEnd, string, string, string]>([
  ['that prints its version', printed('git version 2.39.5\n'), 'ok', '2.39.5', ''],
  ['that prints it on stderr', printed('', 0, 'git version 2.39.5'), 'ok', '2.39.5', ''],
  [
    'that fails all the same',
    printed('git version 2.39.5', 127),
    'wrong',
    '`git` is not the expected program',
    'install git',
  ],
  ['of another kind', printed('hello'), 'wrong', "it printed 'hello'", 'install git'],
  ['that a signal ended', failure('killed'), 'wrong', 'a signal', 'install git'],
  ['that is missing', absent, 'missing', '`git` is not on PATH', 'install git'],
  ['that hangs', hung, 'unknown', 'did not answer in time', 'command -v git'],
])('a program %s', (_, ran, state, found, advice) => {
  expect(judgeProgram(git, ran, version)).toMatchObject({
    check: 'git',
    state,
    found: expect.stringContaining(found),
    advice: expect.stringContaining(advice),
  });
});
