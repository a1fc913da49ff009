import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sensitiveKey } from '../../../src/puppet/environment/sensitive-key.ts';

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'key-')), 'cache');
  warnings = [];
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});
const key = (env: NodeJS.ProcessEnv = {}) => sensitiveKey(folder, env, (line) => warnings.push(line));

test('a key of the environment is taken, and a short one refused without being shown', async () => {
  expect(await key({ BAKEHOUSE_DIGEST_KEY: 'sixteen letters!' })).toBe('sixteen letters!');
  const error: unknown = await key({ BAKEHOUSE_DIGEST_KEY: 'fifteen letters' }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ exitCode: 2 });
  expect((error as Error).message).not.toContain('fifteen letters');
});

test('the first of several plans makes one that all of them and later ones take', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => key()));
  expect(new Set([...keys, await key()]).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(folder)).toEqual(['digest-key']);
  expect(statSync(join(folder, 'digest-key')).mode & 0o777).toBe(0o600);
  chmodSync(join(folder, 'digest-key'), 0o644);
  await key();
  expect(statSync(join(folder, 'digest-key')).mode & 0o777).toBe(0o600);
  expect(warnings).toEqual([]);
});

test('a damaged one is replaced, and where none can be kept each plan has its own', async () => {
  const first = await key();
  writeFileSync(join(folder, 'digest-key'), first.slice(0, 10));
  const second = await key();
  expect(second).not.toBe(first);
  expect(await key()).toBe(second);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file');
  expect(await key()).not.toBe(await key());
  expect(warnings[0]).toContain('set BAKEHOUSE_DIGEST_KEY');
});
