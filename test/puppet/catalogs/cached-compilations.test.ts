import { expect, test } from '@jest/globals';
import { fc, runs } from '../../runs.ts';
import type { CompileRequest } from '../../../src/puppet/catalogs/compilation.ts';
import {
  type CachedCompilations,
  entryOf,
  lookUp,
  newestEntries,
  requestKey,
} from '../../../src/puppet/catalogs/cached-compilations.ts';
import type { Tree } from '../../../src/puppet/environment/tree.ts';

const treeOf = (files: Record<string, string>): Tree =>
  new Map(
    Object.entries(files)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, id]) => [path, { id, executable: false }]),
  );
const remember = (tree: Tree, data: { folders: string[]; paths: string[] }): CachedCompilations<string>[] => {
  const made = entryOf(tree, 'order', data, 'summary');
  return made === undefined ? [] : [{ folders: made.folders, rest: made.rest, entries: [made.entry] }];
};

const files = {
  'manifests/site.pp': '1',
  'hiera.yaml': '2',
  'data/common.yaml': '3',
  'data/nodes/redis.yaml': '4',
  'data/nodes/web.yaml': '5',
  'data/schema.rb': '6',
  'modules/x/data/common.yaml': '7',
  'modules/x/files/x.yaml': '8',
};
const data = {
  folders: ['data/', 'modules/x/data/'],
  paths: ['data/common.yaml', 'data/nodes/redis.yaml', 'data/os.yaml', 'modules/x/data/common.yaml'],
};

test.each<[string, Record<string, string | undefined>, boolean]>([
  ['nothing', {}, true],
  ["another node's data", { 'data/nodes/web.yaml': 'x' }, true],
  ['data that nobody asked for', { 'data/new.yaml': 'x', 'data/nodes/web.yaml': undefined }, true],
  ['its own data', { 'data/nodes/redis.yaml': 'x' }, false],
  ['its own data that is gone', { 'data/nodes/redis.yaml': undefined }, false],
  ['data that was missing', { 'data/os.yaml': 'x' }, false],
  ["a module's data", { 'modules/x/data/common.yaml': 'x' }, false],
  ['a manifest', { 'manifests/site.pp': 'x' }, false],
  ['a new manifest', { 'manifests/a.pp': 'x' }, false],
  ['hiera.yaml', { 'hiera.yaml': 'x' }, false],
  ['code among the data', { 'data/schema.rb': 'x' }, false],
  ['a file that looks like data elsewhere', { 'modules/x/files/x.yaml': 'x' }, false],
])('after a change of %s', (_, change, same) => {
  const known = remember(treeOf(files), data);
  const all: Record<string, string | undefined> = { ...files, ...change };
  const changed = Object.entries(all).flatMap(([path, id]) =>
    id === undefined ? [] : [[path, id] as const],
  );
  expect(lookUp(known, treeOf(Object.fromEntries(changed)), 'order')).toBe(same ? 'summary' : undefined);
  expect(lookUp(known, treeOf(Object.fromEntries(changed)), 'other')).toBeUndefined();
});

test.each([
  '/etc/secret.yaml',
  '../data/x.yaml',
  'data/../x.yaml',
  'data//x.yaml',
  'data/.git/x',
  'hiera.yaml/x',
])('does not remember what asked for %s, which may change unseen', (path) => {
  expect(entryOf(treeOf(files), 'order', { folders: [], paths: [path] }, 'x')).toBeUndefined();
});

test.each(['', '/', './', 'data', 'manifests/', 'modules/'])('the folder %j hides no code', (folder) => {
  const known = remember(treeOf(files), { folders: [folder], paths: [] });
  for (const path of ['manifests/site.pp', 'hiera.yaml', 'modules/x/files/x.yaml'])
    expect(lookUp(known, treeOf({ ...files, [path]: 'x' }), 'order')).toBeUndefined();
});

test('an executable file is another one', () => {
  const tree = new Map(treeOf(files)).set('manifests/site.pp', { id: '1', executable: true });
  expect(lookUp(remember(treeOf(files), data), tree, 'order')).toBeUndefined();
});

const path = fc.constantFrom(
  ...[
    'data/a.yaml',
    'data/b.yaml',
    'data/n/c.yaml',
    'data/x.pp',
    'm/data/a.json',
    'm/lib/x.rb',
    'hiera.yaml',
    'a',
  ],
);
const someFiles = fc.dictionary(path, fc.constantFrom('1', '2', '3'), { noNullPrototype: true });
const reads = fc.record({
  folders: fc.uniqueArray(fc.constantFrom('data/', 'm/data/', 'data/n/', '', 'm/')),
  paths: fc.uniqueArray(path),
});

test('never answers when a file differs that counts, and always when none does', () => {
  fc.assert(
    fc.property(someFiles, someFiles, reads, (before, after, seen) => {
      const counts = (name: string) =>
        seen.paths.includes(name) ||
        !seen.folders.some((folder) => folder !== '' && name.startsWith(folder)) ||
        /\.pp$|\.rb$/.test(name);
      const same = [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
        (name) => !counts(name) || before[name] === after[name],
      );
      const answer = lookUp(remember(treeOf(before), seen), treeOf(after), 'order');
      expect(answer).toBe(same ? 'summary' : undefined);
    }),
    runs(2000),
  );
});

const request: CompileRequest = {
  node: 'redis',
  certname: 'redis.bake',
  environment: 'production',
  authenticated: 'local',
  facts: { a: 1, b: { c: [1, 2] } },
};

test('a request differs from any other one, but not by the sequence of its facts', () => {
  expect(requestKey({ ...request, facts: { b: { c: [1, 2] }, a: 1 } })).toBe(requestKey(request));
  const others = [
    { ...request, certname: 'x' },
    { ...request, environment: 'x' },
    { ...request, authenticated: 'remote' as const },
    ...[
      { a: 1 },
      { a: '1', b: { c: [1, 2] } },
      { a: 1, b: { c: [2, 1] } },
      { a: 1, b: { c: { 0: 1, 1: 2 } } },
    ].map((facts) => ({ ...request, facts })),
    {
      ...request,
      facts: JSON.parse('{"a": 1, "b": {"c": [1, 2]}, "__proto__": 1}') as Record<string, unknown>,
    },
  ];
  expect(new Set([request, ...others].map(requestKey)).size).toBe(others.length + 1);
});

test('keeps the newest states of each request, each once', () => {
  const entry = (name: string, id: string) => ({
    request: name,
    reads: [['p', id]] as [string, string][],
    summary: id,
  });
  const all = [
    entry('a', '1'),
    entry('a', '1'),
    entry('a', '2'),
    entry('a', '3'),
    entry('b', '1'),
    entry('c', '1'),
  ];
  expect(newestEntries(all, 2, 3).map((one) => one.request + one.summary)).toEqual(['a1', 'a2', 'b1']);
});
