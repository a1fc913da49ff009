import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { cacheFolder } from '../../../src/puppet/environment/cache-folder.ts';
import { openCompileCache } from '../../../src/puppet/catalogs/compile-cache.ts';
import type { Tree } from '../../../src/puppet/environment/tree.ts';

let folder: string;
let warnings: string[];
let now: number;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'cache-')), 'a/b');
  warnings = [];
  now = Date.now();
});
afterEach(() => {
  rmSync(join(folder, '../..'), { recursive: true, force: true });
});

const open = (key = 'Puppet 7') =>
  openCompileCache({
    folder,
    key,
    summary: z.object({ catalog: z.string() }),
    warn: (line) => warnings.push(line),
    now: () => now,
  });
const treeOf = (data: string, manifest = 'm'): Tree =>
  new Map([
    ['data/redis.yaml', { id: data, executable: false }],
    ['site.pp', { id: manifest, executable: false }],
  ]);
const requestOf = (node: string) => ({
  node,
  certname: `${node}.bake`,
  environment: 'production',
  authenticated: 'local' as const,
  facts: {},
});
const data = { folders: ['data/'], paths: ['data/redis.yaml'] };
const made = (catalog: string, node = 'redis') => [{ request: requestOf(node), data, summary: { catalog } }];
const find = async (tree: Tree, key?: string) =>
  Object.fromEntries(await open(key).find(tree, [requestOf('redis')]));

test('remembers over processes, several states of the data too', async () => {
  expect(await find(treeOf('1'))).toEqual({});
  await open().store(treeOf('1'), made('one'));
  await open().store(treeOf('2'), made('two'));
  expect(await find(treeOf('1'))).toEqual({ redis: { catalog: 'one' } });
  expect(await find(treeOf('2'))).toEqual({ redis: { catalog: 'two' } });
  expect(await find(treeOf('3'))).toEqual({});
  expect(await find(treeOf('1', 'other'))).toEqual({});
  expect(await find(treeOf('1'), 'Puppet 8')).toEqual({});
  expect(await open().find(treeOf('1'), [requestOf('web')])).toEqual(new Map());
  expect(warnings).toEqual([]);
});

test('a damaged file, or one of another shape, is like none, and is replaced', async () => {
  await open().store(treeOf('1'), made('one'));
  const files = readdirSync(folder).map((name) => join(folder, name));
  const whole = files.map((file) => readFileSync(file));
  for (const spoil of [(text: Buffer) => text.subarray(0, text.length / 2), flipped, () => Buffer.from('')]) {
    files.forEach((file, index) => {
      writeFileSync(file, spoil(whole[index] ?? Buffer.from('')));
    });
    expect(await find(treeOf('1'))).toEqual({});
    await open().store(treeOf('1'), made('one'));
    expect(await find(treeOf('1'))).toEqual({ redis: { catalog: 'one' } });
  }
  expect(warnings[0]).toMatch(/^the cache is of no use this time, which costs time only: /);
  const numbers = openCompileCache({
    folder,
    key: 'Puppet 7',
    summary: z.number(),
    warn: () => undefined,
    now: () => now,
  });
  expect(await numbers.find(treeOf('1'), [requestOf('redis')])).toEqual(new Map());
});

function flipped(text: Buffer): Buffer {
  const copy = Buffer.from(text);
  const at = copy.length - 10;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test('a folder that cannot be made, or vanishes meanwhile, is worth one warning', async () => {
  writeFileSync(join(folder, '../..', 'a'), 'a file');
  const cache = open();
  expect(await cache.find(treeOf('1'), [requestOf('redis')])).toEqual(new Map());
  await cache.store(treeOf('1'), made('one'));
  expect(warnings).toHaveLength(1);
  rmSync(join(folder, '../..', 'a'));
  await open().store(treeOf('1'), made('one'));
  rmSync(folder, { recursive: true });
  expect(await find(treeOf('1'))).toEqual({});
  expect(warnings).toHaveLength(1);
});

test('several plans may write at a time', async () => {
  const nodes = Array.from({ length: 12 }, (_, index) => `n${index}`);
  await Promise.all(nodes.map((node) => open().store(treeOf('1'), made(node, node))));
  const found = await open().find(treeOf('1'), nodes.map(requestOf));
  expect(found.size).toBeGreaterThan(0);
  for (const [node, { catalog }] of found) expect(catalog).toBe(node);
  expect(warnings).toEqual([]);
});

test('what was not used for a month goes, and what a killed writer left; nothing of others', async () => {
  await open().store(treeOf('1'), made('one'));
  const [old = ''] = readdirSync(folder).filter((name) => name.startsWith('compiled-'));
  utimesSync(join(folder, old), 1, 1);
  writeFileSync(join(folder, `${old}.12345`), '');
  utimesSync(join(folder, `${old}.12345`), 1, 1);
  writeFileSync(join(folder, 'digest-key'), 'key');
  utimesSync(join(folder, 'digest-key'), 1, 1);
  await open().store(treeOf('1', 'other'), made('two'));
  const left = readdirSync(folder);
  expect(left).toHaveLength(3);
  expect(left).toContain('digest-key');
  expect(left).not.toContain(old);

  const [used = ''] = left.filter((name) => name.startsWith('compiled-'));
  utimesSync(join(folder, used), 1, 1);
  expect(await find(treeOf('1', 'other'))).toEqual({ redis: { catalog: 'two' } });
  expect(statSync(join(folder, used)).mtimeMs).toBeGreaterThan(1e12);
});

test('the folder cannot grow for ever', async () => {
  for (let index = 0; index < 110; index += 1) {
    const name = `compiled-${index.toString(16).padStart(64, '0')}.json`;
    if (index === 0) await open().store(treeOf('1'), made('one'));
    writeFileSync(join(folder, name), '');
    utimesSync(
      join(folder, name),
      new Date(now - 1000 * (200 - index)),
      new Date(now - 1000 * (200 - index)),
    );
  }
  await open().store(treeOf('2'), made('two'));
  expect(readdirSync(folder)).toHaveLength(100);
  expect(await find(treeOf('2'))).toEqual({ redis: { catalog: 'two' } });
});

test('files are for their owner only', async () => {
  await open().store(treeOf('1'), made('one'));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  chmodSync(folder, 0o700);
});

test.each([
  ['given', { XDG_CACHE_HOME: '/x', HOME: '/h' }, 'given'],
  [undefined, { XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/bakehouse'],
  [undefined, { XDG_CACHE_HOME: 'x', HOME: '/h' }, '/h/.cache/bakehouse'],
  [undefined, { HOME: '/h' }, '/h/.cache/bakehouse'],
])('--cache %s in %j is %s', (flag, env, expected) => {
  expect(cacheFolder(flag, env)).toBe(expected);
});
