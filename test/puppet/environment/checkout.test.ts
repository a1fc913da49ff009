import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Checkout, withCheckout } from '../../../src/puppet/environment/checkout.ts';
import { readTree } from '../../../src/puppet/environment/read-tree.ts';
import { Repository } from './repository.ts';

let repo: Repository;
let temporary: string;
let old: string;
beforeEach(() => {
  repo = new Repository();
  temporary = mkdtempSync(join(tmpdir(), 'checkouts-'));
  old = repo.commit({
    'env/manifests/site.pp': 'old',
    'env/gone.pp': 'gone',
    '.gitignore': '/env/modules/apt\n/env/key\n',
    '.gitattributes': '*.pp export-subst\nenv/gone.pp export-ignore\n',
  });
  repo.commit({ 'env/manifests/site.pp': 'new $Format:%H$' });
  rmSync(join(repo.path, 'env/gone.pp'));
});
afterEach(() => {
  repo.remove();
  rmSync(temporary, { recursive: true, force: true });
});

const env = () => join(repo.path, 'env');
const inside = <T>(rev: string, use: (checkout: Checkout) => T) =>
  withCheckout(env(), rev, (checkout) => Promise.resolve(use(checkout)), { temporary });
const failure = async (rev: string, path = env()) =>
  withCheckout(path, rev, () => Promise.resolve(), { temporary }).catch((error: unknown) => error);

test('shows all files of the commit at the same paths, and leaves nothing behind', async () => {
  const before = repo.git('status', '--porcelain');
  const seen = await inside(old.slice(0, 8), ({ at, commit, borrowed }) => ({
    commit,
    borrowed,
    site: readFileSync(at(join(env(), 'manifests/site.pp')), 'utf8'),
    // `git archive` would leave it out.
    gone: readFileSync(at(join(env(), 'gone.pp')), 'utf8'),
    outside: at('/etc/puppet'),
    beside: at(`${repo.path}-other/x`),
  }));
  expect(seen).toEqual({
    commit: old,
    borrowed: [],
    site: 'old',
    gone: 'gone',
    outside: '/etc/puppet',
    beside: `${repo.path}-other/x`,
  });
  expect(await inside('HEAD', ({ at }) => readFileSync(at(join(env(), 'manifests/site.pp')), 'utf8'))).toBe(
    'new $Format:%H$',
  );
  expect(readdirSync(temporary)).toEqual([]);
  expect(repo.git('status', '--porcelain')).toBe(before);
});

test('has the tree that the commit had', async () => {
  const now = await readTree(env());
  repo.git('add', '-A');
  repo.git('commit', '-qm', 'x');
  const then = await withCheckout(env(), 'HEAD', ({ at }) => readTree(at(env())), { temporary });
  expect([...then.tree]).toEqual([...now.tree]);
});

test('borrows what git ignores and submodules, unless the commit has something there', async () => {
  const module = new Repository();
  module.commit({ 'init.pp': 'x' });
  repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', module.path, 'env/modules/sub');
  const commit = repo.commit();
  module.remove();
  repo.write({
    'env/modules/apt/manifests/init.pp': 'apt',
    'env/key': 'key',
    'env/new/x.pp': 'not committed',
  });
  const seen = await inside(commit, ({ at, borrowed }) => ({
    borrowed,
    apt: readFileSync(at(join(env(), 'modules/apt/manifests/init.pp')), 'utf8'),
    sub: readFileSync(at(join(env(), 'modules/sub/init.pp')), 'utf8'),
    uncommitted: existsSync(at(join(env(), 'new'))),
  }));
  expect(seen).toEqual({
    borrowed: ['env/key', 'env/modules/apt', 'env/modules/sub'],
    apt: 'apt',
    sub: 'x',
    uncommitted: false,
  });
  expect(readFileSync(join(env(), 'modules/apt/manifests/init.pp'), 'utf8')).toBe('apt');

  repo.git('add', '-f', 'env/key');
  const kept = repo.commit({ 'env/key': 'then' });
  repo.git('rm', '-q', '--cached', 'env/key');
  repo.write({ 'env/key': 'now' });
  expect(await inside(kept, ({ at }) => readFileSync(at(join(env(), 'key')), 'utf8'))).toBe('then');
});

describe('says why there is no such commit', () => {
  test.each([
    ['-rf', 'bad-revision', /'-rf' is no revision/],
    ['', 'bad-revision', /is no revision/],
    ['unknown', 'not-committed', /no git checkout/],
    [`${'a'.repeat(40)}-dirty`, 'not-committed', /differed from commit aaaaaaaaaaaa /],
    ['nosuch', 'unknown-revision', /git knows no commit 'nosuch'/],
    ['a'.repeat(40), 'unknown-revision', /git knows no commit .*another repository/],
    ['HEAD:env', 'unknown-revision', /git knows no commit/],
  ])('%j', async (rev, reason, message) => {
    expect(await failure(rev)).toMatchObject({
      reason,
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });

  test('in a shallow clone, outside of any, and without git', async () => {
    const clone = join(temporary, 'clone');
    repo.git('clone', '-q', '--depth', '1', `file://${repo.path}`, clone);
    expect(await failure(old, clone)).toMatchObject({
      reason: 'shallow',
      exitCode: 2,
      message: expect.stringContaining('fetch-depth: 0'),
    });
    expect(await failure('HEAD', temporary)).toMatchObject({ reason: 'no-repository', exitCode: 2 });
    const { PATH } = process.env;
    process.env.PATH = temporary;
    try {
      expect(await failure('HEAD')).toMatchObject({ reason: 'no-git', exitCode: 4 });
    } finally {
      process.env.PATH = PATH;
    }
  });
});

test('leaves nothing behind when its user fails, or is interrupted', async () => {
  const broken = withCheckout(env(), old, () => Promise.reject(new Error('broken')), { temporary });
  await expect(broken).rejects.toThrow('broken');
  const interruption = new AbortController();
  const interrupted = withCheckout(
    env(),
    old,
    () => {
      interruption.abort(new Error('SIGINT'));
      return Promise.reject(interruption.signal.reason as Error);
    },
    { temporary, signal: interruption.signal },
  );
  await expect(interrupted).rejects.toThrow('SIGINT');
  const late = withCheckout(env(), old, () => Promise.resolve(), { temporary, signal: interruption.signal });
  await expect(late).rejects.toThrow('SIGINT');
  expect(readdirSync(temporary)).toEqual([]);
});

test('removes what a killed run left, and never what another one works with', async () => {
  const mark = await inside(old, () => readdirSync(temporary)[0] ?? '');
  const [, deps = ''] = /^bakehouse-checkout-([0-9a-f]{8})-\d+-\d+-\w{6}$/.exec(mark) ?? [];
  const ended = spawn('true');
  await new Promise((resolve) => ended.on('exit', resolve));
  const start = (pid: number) =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
  const names = {
    dead: `bakehouse-checkout-${deps}-${ended.pid ?? 0}-1-aaaaaa`,
    // The process id is used again, by another process.
    reused: `bakehouse-checkout-${deps}-${process.pid}-1-bbbbbb`,
    alive: `bakehouse-checkout-${deps}-${process.ppid}-${start(process.ppid)}-cccccc`,
    elsewhere: `bakehouse-checkout-00000000-${ended.pid ?? 0}-1-dddddd`,
    forgotten: `bakehouse-checkout-00000000-${ended.pid ?? 0}-1-eeeeee`,
    similar: 'bakehouse-checkout-notes',
  };
  for (const name of Object.values(names)) mkdirSync(join(temporary, name));
  mkdirSync(join(temporary, 'precious'));
  const link = `bakehouse-checkout-${deps}-${ended.pid ?? 0}-1-ffffff`;
  symlinkSync('precious', join(temporary, link));
  utimesSync(join(temporary, names.forgotten), 1, 1);
  await inside(old, () => undefined);
  const left = readdirSync(temporary).sort();
  const { alive, elsewhere, similar } = names;
  expect(left).toEqual([alive, elsewhere, similar, link, 'precious'].sort());
  expect(lstatSync(join(temporary, 'precious')).isDirectory()).toBe(true);
});
