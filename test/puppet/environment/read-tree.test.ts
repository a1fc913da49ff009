import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readTree, treeId } from '../../../src/puppet/environment/read-tree.ts';
import { testAsRoot } from '../../as-root.ts';
import { treeWithoutGit } from './tree-without-git.ts';
import { Repository } from './repository.ts';

let repo: Repository;
let outside: string;
beforeEach(() => {
  repo = new Repository();
  outside = mkdtempSync(join(tmpdir(), 'outside-'));
});
afterEach(() => {
  repo.remove();
  rmSync(outside, { recursive: true, force: true });
});

const ids = async (folder = repo.path) => {
  const { tree } = await readTree(folder);
  return Object.fromEntries([...tree].map(([path, { id }]) => [path, id]));
};
const idOf = (text: string) =>
  execFileSync('git', ['hash-object', '--stdin'], { input: text, encoding: 'utf8' }).trim();

test('a clean checkout has its commit, and the same ids as its bytes have without git', async () => {
  const commit = repo.commit({ 'manifests/site.pp': 'node default {}\n', empty: '', 'a b/ü"\n.txt': 'x' });
  chmodSync(join(repo.path, 'empty'), 0o755);
  repo.commit();
  const answer = await readTree(repo.path);
  expect(answer).toMatchObject({ commit: repo.git('rev-parse', 'HEAD'), dirty: false });
  expect(answer.commit).not.toBe(commit);
  expect([...answer.tree]).toEqual([
    ['a b/ü"\n.txt', { id: idOf('x'), executable: false }],
    ['empty', { id: idOf(''), executable: true }],
    ['manifests/site.pp', { id: idOf('node default {}\n'), executable: false }],
  ]);
  expect([...(await treeWithoutGit(repo.path, join(outside, 'copy')))]).toEqual([...answer.tree]);
});

test('a folder of the repository is read as seen from itself', async () => {
  repo.commit({ 'puppet/site.pp': 'a', other: 'b' });
  repo.write({ other: 'changed' });
  expect(await readTree(join(repo.path, 'puppet'))).toMatchObject({
    dirty: false,
    commit: expect.any(String),
  });
  expect(await ids(join(repo.path, 'puppet'))).toEqual({ 'site.pp': idOf('a') });
});

test.each<[string, () => void, boolean]>([
  [
    'a changed file',
    () => {
      repo.write({ a: 'b' });
    },
    true,
  ],
  [
    'a new file',
    () => {
      repo.write({ b: 'b' });
      repo.git('config', 'status.showUntrackedFiles', 'no');
    },
    true,
  ],
  [
    'a staged change that is undone in the folder',
    () => {
      repo.write({ a: 'b' });
      repo.git('add', 'a');
      repo.write({ a: 'a' });
    },
    true,
  ],
  [
    'an ignored file',
    () => {
      repo.write({ ignored: 'b' });
    },
    false,
  ],
])('dirty by %s', async (_, change, dirty) => {
  repo.commit({ a: 'a', '.gitignore': '/ignored\n' });
  change();
  expect((await readTree(repo.path)).dirty).toBe(dirty);
});

test('a submodule counts with the files that are there', async () => {
  const module = new Repository();
  module.commit({ 'init.pp': 'class x {}' });
  repo.commit({ a: 'a' });
  repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', module.path, 'modules/x');
  repo.commit();
  module.remove();
  expect(await ids()).toMatchObject({ 'modules/x/init.pp': idOf('class x {}') });
  repo.write({ 'modules/x/init.pp': 'class x { }' });
  expect(await ids()).toMatchObject({ 'modules/x/init.pp': idOf('class x { }') });
});

describe('without git to ask', () => {
  test('in a repository of the other hash, files are read', async () => {
    const other = new Repository('--object-format=sha256');
    other.commit({ a: 'a' });
    expect(await ids(other.path)).toEqual({ a: idOf('a') });
    other.remove();
  });

  test('a repository without a commit, a broken one and a folder that git keeps nothing of have none', async () => {
    repo.write({ a: 'a', '.gitignore': '/env\n', 'env/b': 'b' });
    expect(await readTree(repo.path)).toMatchObject({ commit: undefined });
    repo.commit();
    expect(await readTree(join(repo.path, 'env'))).toMatchObject({ commit: undefined, dirty: false });
    rmSync(join(repo.path, '.git/HEAD'));
    expect(await readTree(repo.path)).toMatchObject({ commit: undefined });
    expect(await ids()).toMatchObject({ a: idOf('a') });
  });

  test('with no git at all, files are read', async () => {
    repo.commit({ a: 'a' });
    const { PATH } = process.env;
    process.env.PATH = outside;
    try {
      expect(await readTree(repo.path)).toMatchObject({ commit: undefined, dirty: false });
    } finally {
      process.env.PATH = PATH;
    }
  });

  testAsRoot('in a repository of somebody else, files are read', async () => {
    repo.commit({ a: 'a' });
    execFileSync('chown', ['-R', 'nobody', repo.path]);
    expect(await readTree(repo.path)).toMatchObject({ commit: undefined });
    expect(await ids()).toEqual({ a: idOf('a') });
  });

  test("a hook's variables do not lead elsewhere", async () => {
    const other = new Repository();
    other.commit({ b: 'b' });
    const commit = repo.commit({ a: 'a' });
    process.env.GIT_DIR = join(other.path, '.git');
    process.env.GIT_INDEX_FILE = join(other.path, '.git/index');
    try {
      expect(await readTree(repo.path)).toMatchObject({ commit, dirty: false });
    } finally {
      delete process.env.GIT_DIR;
      delete process.env.GIT_INDEX_FILE;
      other.remove();
    }
  });
});

describe('links', () => {
  test('are followed, out of the folder too, and end where they lead in circles or nowhere', async () => {
    mkdirSync(join(outside, 'm'));
    writeFileSync(join(outside, 'm/init.pp'), 'm');
    symlinkSync(join(outside, 'm'), join(repo.path, 'modules'));
    repo.commit({ 'd/e': 'e' });
    symlinkSync('d/e', join(repo.path, 'file'));
    symlinkSync('..', join(repo.path, 'd/up'));
    symlinkSync('self', join(repo.path, 'self'));
    symlinkSync('/nowhere', join(repo.path, 'dead'));
    repo.commit();
    const expected = {
      'modules/init.pp': idOf('m'),
      'd/e': idOf('e'),
      'd/up': idOf('..'),
      file: idOf('e'),
      self: idOf('self'),
      dead: idOf('/nowhere'),
    };
    expect(await ids()).toEqual(expected);
    writeFileSync(join(outside, 'm/init.pp'), 'changed');
    expect(await ids()).toEqual({ ...expected, 'modules/init.pp': idOf('changed') });
  });
});

test('names a pipe, a link to one and a folder that is none, and waits for nobody', async () => {
  repo.commit({ a: 'a' });
  execFileSync('mkfifo', [join(repo.path, 'pipe')]);
  symlinkSync('pipe', join(repo.path, 'to-pipe'));
  const error: unknown = await readTree(repo.path).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ exitCode: 2 });
  expect((error as Error).message.split('\n').sort()).toEqual([
    `${repo.path}/pipe: it is neither a file nor a folder (a pipe, a socket or a device)`,
    `${repo.path}/to-pipe: it leads to a pipe, a socket or a device`,
  ]);
  await expect(readTree(join(repo.path, 'a'))).rejects.toMatchObject({ exitCode: 2 });
});

test('the id of a tree tells every path, byte and mode apart', () => {
  const file = { id: 'a'.repeat(40), executable: false };
  const trees = [
    new Map(),
    new Map([['a', file]]),
    new Map([['b', file]]),
    new Map([['a', { ...file, executable: true }]]),
    new Map([['a', { ...file, id: 'b'.repeat(40) }]]),
    new Map([['\udce9', file]]),
    new Map([['\udce8', file]]),
    new Map([
      ['a', file],
      ['b', file],
    ]),
  ];
  expect(new Set(trees.map(treeId)).size).toBe(trees.length);
});
