import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import { commitText, readEnvironment } from '../../../src/puppet/environment/read-environment.ts';
import { readTree, treeId } from '../../../src/puppet/environment/read-tree.ts';
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

const environment = {
  'environment.conf': 'modulepath = site:modules\n',
  'hiera.yaml': 'version: 5\nhierarchy: [{name: a, path: common.yaml}]\n',
  'manifests/site.pp': 'include role\n',
  'site/role/manifests/init.pp': 'class role {}\n',
  'data/common.yaml': 'a: 1\n',
};

/** What collect.sh packs of the repository, as a machine unpacks it: names with their modes and texts. */
function unpacked(files: Buffer): Record<string, string> {
  const [list, upload, target] = ['list', 'upload.tar', 'target'].map((name) => join(outside, name)) as [string, string, string];
  writeFileSync(list, files);
  writeFileSync(join(outside, 'facts.json'), '{}');
  const env = {
    ...{ PATH: process.env.PATH, UPLOAD: upload, FACTS: join(outside, 'facts.json'), RUN: 'r', CERTNAME: 'c' },
    ...{ PUPPET_SERVER: '', PUPPET_ENVIRONMENT: 'production', MANIFESTS: repo.path, FILES: list },
  };
  execFileSync('sh', ['templates/provision/collect.sh'], { env, stdio: 'pipe' });
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  execFileSync('tar', ['-xf', upload, '-C', outside, './environment.tgz']);
  execFileSync('tar', ['-xpzf', join(outside, 'environment.tgz'), '-C', target]);
  const found: Record<string, string> = {};
  const walk = (path: string) => {
    for (const entry of readdirSync(join(target, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        found[`${inner}/`] = '';
        walk(inner);
      } else found[inner] = readFileSync(join(target, inner), 'utf8');
    }
  };
  walk('');
  return found;
} // prettier-ignore
const filesIn = (found: Record<string, string>) =>
  Object.fromEntries(Object.entries(found).filter(([path]) => !path.endsWith('/')));

test('what Puppet does not read changes neither the hash nor the commit nor what goes up, whatever it is', async () => {
  const commit = repo.commit(environment);
  const before = await readEnvironment(repo.path, []);
  expect(filesIn(unpacked(before.upload))).toEqual(environment);
  const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,12}$/).filter((text) => !['.', '..', '.git'].includes(text));
  const folder = fc.constantFrom('node_modules', 'node_modules/x/manifests', 'reports', 'packs', 'app', 'app/modules/x/lib', 'site/role/spec', 'site/role/.bundle', '.cache');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.tuple(folder, name).map((parts) => parts.join('/')), fc.string(), { maxKeys: 8 }), async (more) => {
      const written = Object.keys(more).filter((path) => !Object.keys(more).some((other) => other.startsWith(`${path}/`)));
      repo.write(Object.fromEntries(written.map((path) => [path, more[path] ?? ''])));
      repo.write({ 'plan.json': '{}', 'packs/redis.json': '{}', 'crash.log': 'x', 'package.json': '{}' });
      const after = await readEnvironment(repo.path, []);
      expect(treeId(after.tree)).toBe(treeId(before.tree));
      expect(commitText(after)).toBe(commit);
      expect(after.upload).toEqual(before.upload);
      repo.git('clean', '-qfdx');
    }),
    { numRuns: 25 },
  );
}); // prettier-ignore

test('an environment that holds nothing else has the hash that it always had', async () => {
  repo.commit(environment);
  const { tree } = await readEnvironment(repo.path, []);
  expect([...tree]).toEqual([...(await readTree(repo.path)).tree]);
});

test('modules and keys that git ignores are read by Puppet, so they count and go up', async () => {
  repo.commit({ ...environment, '.gitignore': '/modules/\n/data/secret.yaml\n' });
  const before = await readEnvironment(repo.path, []);
  repo.write({ 'modules/apt/manifests/init.pp': 'class apt {}', 'data/secret.yaml': 'a: 2' });
  const after = await readEnvironment(repo.path, []);
  expect(treeId(after.tree)).not.toBe(treeId(before.tree));
  expect(after.dirty).toBe(false);
  expect(filesIn(unpacked(after.upload))).toMatchObject({
    'modules/apt/manifests/init.pp': 'class apt {}',
    'data/secret.yaml': 'a: 2',
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ['a changed manifest', { 'manifests/site.pp': 'x' }, true],
  ['a new module', { 'site/new/manifests/init.pp': 'x' }, true],
  ['a new file of a module', { 'site/role/files/a': 'x' }, true],
  ['a changed README', { 'README.md': 'x' }, false],
  ['new packs and reports', { 'packs/redis.json': 'x', 'reports/redis/bake.json': 'x' }, false],
])('the environment counts as changed with %s only where that is Puppet’s', async (_, files, dirty) => {
  repo.commit({ ...Object.fromEntries(Object.entries(environment).map(([path, text]) => [`puppet/${path}`, text])), 'puppet/README.md': '' });
  repo.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`puppet/${path}`, text])));
  expect(await readEnvironment(join(repo.path, 'puppet'), [])).toMatchObject({ dirty });
}); // prettier-ignore

test('odd names, modes, empty folders and links go up as they are; what leads nowhere stays', async () => {
  const odd = ['--checkpoint=1', '-rf', 'a\nb', 'ü ä', '*', "'", '\\'].map((name) => [`site/role/files/${name}`, name]);
  repo.commit({ ...environment, ...(Object.fromEntries(odd) as Record<string, string>), 'shared/apt/manifests/init.pp': 'class apt {}' });
  mkdirSync(join(repo.path, 'site/role/files/empty'));
  chmodSync(join(repo.path, 'site/role/files/-rf'), 0o755);
  symlinkSync('shared', join(repo.path, 'modules'));
  symlinkSync('nowhere', join(repo.path, 'site/role/files/dead'));
  symlinkSync('..', join(repo.path, 'site/role/files/circle'));
  const { upload } = await readEnvironment(repo.path, []);
  const found = unpacked(upload);
  expect(found).toMatchObject({ ...(Object.fromEntries(odd) as Record<string, string>), 'modules/apt/manifests/init.pp': 'class apt {}', 'site/role/files/empty/': '' });
  expect(Object.keys(found).filter((path) => /dead|circle|shared/.test(path))).toEqual([]);
  const modes = execFileSync('find', [join(outside, 'target/site/role/files'), '-perm', '-100', '-type', 'f'], { encoding: 'utf8' });
  expect(modes).toMatch(/-rf\n$/);
}); // prettier-ignore

test('a socket or an unreadable file is a problem only where Puppet would read it', async () => {
  repo.commit(environment);
  mkdirSync(join(repo.path, 'run'));
  const server = createServer();
  const listen = (path: string) => new Promise<void>((resolve) => { server.listen(path, resolve); });
  await listen(join(repo.path, 'run/app.sock'));
  await readEnvironment(repo.path, []);
  await new Promise((resolve) => { server.close(resolve); });
  await listen(join(repo.path, 'site/role/x.sock'));
  await expect(readEnvironment(repo.path, [])).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('x.sock') });
  await new Promise((resolve) => { server.close(resolve); });
}); // prettier-ignore

test('by hand, without a list, nothing of Bakehouse and npm goes up, and the file may lie in the folder', () => {
  repo.commit({ ...environment, 'node_modules/a/b': 'x', 'reports/a': 'x', 'plan.json': 'x', 'site/role/files/packs/a': 'x' });
  mkdirSync(join(repo.path, 'packs'));
  const upload = join(repo.path, 'packs/redis.upload.tar');
  writeFileSync(join(outside, 'facts.json'), '{}');
  const env = { PATH: process.env.PATH, UPLOAD: upload, FACTS: join(outside, 'facts.json'), RUN: 'r', CERTNAME: 'c', PUPPET_SERVER: '', MANIFESTS: repo.path };
  execFileSync('sh', ['templates/provision/collect.sh'], { env, stdio: 'pipe' });
  execFileSync('tar', ['-xf', upload, '-C', outside]);
  const names = execFileSync('tar', ['-tzf', join(outside, 'environment.tgz')], { encoding: 'utf8' }).split('\n').filter((name) => !/\/$|^$/.test(name));
  expect(names.sort()).toEqual([...Object.keys(environment), 'site/role/files/packs/a'].map((name) => `./${name}`).sort());
}); // prettier-ignore
