import { describe, expect, test } from '@jest/globals';
import { satisfies } from 'semver';
import { judgeCache, judgeDigestKey, judgeFolder } from '../../src/doctor/folder-checks.ts';
import { checkNodes, judgeNode, judgePackages } from '../../src/doctor/project-checks.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';

test.each([
  ['20.19.0', 'ok'],
  ['20.19.1', 'ok'],
  ['20.20.0', 'ok'],
  ['24.1.0', 'ok'],
  ['100.0.0', 'ok'],
  ['20.18.9', 'wrong'],
  ['20.9.0', 'wrong'],
  ['18.20.8', 'wrong'],
  ['9.99.0', 'wrong'],
])('Node %s for >=20.19 is %s', (version, state) => {
  expect(judgeNode(version, '>=20.19', satisfies).state).toBe(state);
});

describe('npm packages', () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a/node_modules/@x/b': { version: '2.0.0' },
    'node_modules/for-macos': { version: '3.0.0', optional: true },
  };
  const all = { 'node_modules/a': '1.0.0', 'node_modules/a/node_modules/@x/b': '2.0.0' };
  test.each<[string, Record<string, string>, string, string]>([
    ['all that this platform and an agent need', all, 'ok', '3, as package-lock.json says'],
    ['none', {}, 'wrong', 'a is missing, @x/b is missing'],
    ['one of another version', { ...all, 'node_modules/a': '1.0.1' }, 'wrong', 'a is 1.0.1, not 1.0.0'],
    [
      'an optional one of another version',
      { ...all, 'node_modules/for-macos': '2.0.0' },
      'wrong',
      'for-macos is 2',
    ],
  ])('%s', (_, installed, state, found) => {
    expect(judgePackages(locked, (folder) => installed[folder])).toMatchObject({
      state,
      found: expect.stringContaining(found),
      advice: state === 'ok' ? '' : 'npm ci --include=dev',
    });
  });

  test('of which many are missing name three', () => {
    const many = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [`node_modules/${name}`, { version: '1.0.0' }]),
    );
    expect(judgePackages(many, () => undefined).found).toBe(
      'a is missing, b is missing, c is missing, and 2 more',
    );
  });
});

const gibibyte = 1024 ** 3;
test.each<[string, { refusal?: string; freeBytes?: number }, string, string]>([
  ['with free space', { freeBytes: 5 * gibibyte }, 'ok', '/w, 5.0 GiB free'],
  ['that is getting full', { freeBytes: 0.5 * gibibyte }, 'warning', '512 MiB'],
  ['that is full', { freeBytes: 1_000_000 }, 'wrong', '0 MiB'],
  ['that is read-only', { refusal: 'EROFS' }, 'wrong', '/w is not writable (EROFS)'],
  ['of an unknown size', {}, 'unknown', 'free space is unknown'],
])('a folder %s', (_, facts, state, found) => {
  expect(judgeFolder('workspace', { path: '/w', ...facts })).toMatchObject({
    state,
    found: expect.stringContaining(found),
  });
});

test('a cache folder that cannot be written to is a warning only', () => {
  expect(judgeCache({ path: '/c' }).state).toBe('ok');
  expect(judgeCache({ path: '/c', refusal: 'EACCES' })).toMatchObject({
    state: 'warning',
    found: expect.stringContaining('/c is not writable (EACCES)'),
  });
});

test.each([
  ['', 'warning'],
  ['s3cret', 'wrong'],
  ['0123456789abcdef', 'ok'],
])('the digest key %j is %s, and is not shown', (key, state) => {
  const finding = judgeDigestKey(key, 16);
  expect(finding.state).toBe(state);
  if (key !== '') expect(JSON.stringify(finding)).not.toContain(key);
});

describe('nodes.yaml', () => {
  test('that is missing is wrong, and leaves no nodes', async () => {
    const { finding, nodes } = await checkNodes('/no/such.yaml', loadNodes);
    expect(finding).toMatchObject({
      state: 'wrong',
      found: expect.stringContaining('/no/such.yaml: there is no such file'),
    });
    expect(nodes).toEqual([]);
  });

  test('with a slip is a warning with its place', async () => {
    const { finding } = await checkNodes('n.yaml', (_file, _only, say) => {
      say('warning: n.yaml:1:2: x');
      return Promise.resolve([]);
    });
    expect(finding).toMatchObject({ state: 'warning', found: expect.stringContaining('n.yaml:1:2') });
  });

  test('does not hide a bug', async () => {
    await expect(checkNodes('n.yaml', () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
  });
});
