import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeFolder, takeStateFolder } from '../../../src/local-cloud/state/own-folder.ts';
import { pathsOf } from '../../../src/local-cloud/state/paths.ts';
import { testAsRoot } from '../../as-root.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync('/tmp/own-folder-');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const mode = (path: string) => statSync(path).mode & 0o777;

test('a folder is its owner’s alone, whether it is new or was open to all', async () => {
  const fresh = join(folder, 'new/deep');
  await takeFolder(fresh);
  chmodSync(folder, 0o777);
  await takeFolder(folder);
  expect([mode(fresh), mode(folder)]).toEqual([0o700, 0o700]);
});

testAsRoot('a folder of another user is refused, and stays as it is', async () => {
  chmodSync(folder, 0o755);
  chownSync(folder, 1000, 1000);
  await expect(takeFolder(folder)).rejects.toMatchObject({ exitCode: 2 });
  expect(mode(folder)).toBe(0o755);
});

test('a state folder that holds something else and no state is refused, and stays as it is', async () => {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'thesis.tex'), '');
  await expect(takeStateFolder(pathsOf(folder))).rejects.toMatchObject({ exitCode: 2 });
  expect(mode(folder)).toBe(0o755);
});

test('a state folder may hold what a person prepares for it, and beside its state whatever a person keeps there', async () => {
  for (const name of ['faults.json', 'hosts', 'calls.log']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'lost+found'));
  await takeStateFolder(pathsOf(folder));
  for (const name of ['state.json', 'my-key.pem']) writeFileSync(join(folder, name), '');
  await takeStateFolder(pathsOf(folder));
  expect(mode(folder)).toBe(0o700);
});
