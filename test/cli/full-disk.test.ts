import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { testAsRoot } from '../as-root.ts';
import { root, stageArguments, temporaryFolder } from './stage-process.ts';

/** A full disk, wherever a stage writes, is a tool that is not available, never a bug or a wrong flag. */

const folder = temporaryFolder();
const full = join(folder.path, 'full');
mkdirSync(full);
afterAll(() => {
  spawnSync('umount', ['-q', full]);
  folder.remove();
});

function run(name: string, args: string[], stdout: 'pipe' | number = 'pipe') {
  const { status, stderr } = spawnSync(process.execPath, [...stageArguments(name), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'pipe'],
  });
  return { status, stderr };
}

test('a stage that cannot write its result ends with exit code 4, not 0', () => {
  const { status, stderr } = run('generate', ['--help'], openSync('/dev/full', 'w'));
  expect({ status, stderr }).toEqual({ status: 4, stderr: 'generate: the result cannot be written\n' });
});

testAsRoot('generate ends with exit code 4, not as a bug, when the disk of its packs is full', () => {
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', full]).status).toBe(0);
  cpSync('/etc/hostname', join(full, 'x'));
  spawnSync('dd', ['if=/dev/zero', `of=${join(full, 'fill')}`, 'bs=4k']);
  const { status, stderr } = run('generate', ['--out', full]);
  expect(stderr).toContain('ENOSPC');
  expect(stderr).not.toContain('a bug of Bakehouse');
  expect(status).toBe(4);
});
