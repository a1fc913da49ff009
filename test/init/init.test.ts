import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { testAsRoot } from '../as-root.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { fc, runs } from '../runs.ts';
import { filesOf, gitIn, initIn, madeUpPackage, writeFile } from './repository.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

const write = (path: string, text: string) => {
  writeFile(folder.path, path, text);
};
const read = (path: string) => readFileSync(join(folder.path, path), 'utf8');
const team = () => {
  cpSync(join(root, 'test/init/team'), folder.path, { recursive: true });
};
interface InitJson {
  found: Record<string, unknown>;
  files: { file: string; decision: string; reason: string }[];
  next: string[];
}
const jsonOf = (result: { json: unknown }) => result.json as InitJson;
const reasonOf = (result: { json: unknown }, file: string) =>
  jsonOf(result).files.find((one) => one.file === file)?.reason;

describe("in a team's repository", () => {
  test('init writes what is missing, beside what the team has, and says what is next', async () => {
    team();
    await gitIn(folder.path, 'init', '-q', '-b', 'trunk');
    const before = filesOf(folder.path);
    const result = await initIn(folder.path);
    expect(result.exitCode).toBe(0);
    expect(result.decisions).toMatchObject({
      'nodes.yaml': 'written',
      'templates/packer.json.mustache': 'written',
      'templates/provision/seal.sh': 'written',
      'Jenkinsfile.bakehouse': 'written',
      'jobs/seed.groovy': 'written',
      '.gitignore': 'written',
    });
    const after = filesOf(folder.path);
    expect(after).toMatchObject(before);
    expect(reasonOf(result, 'nodes.yaml')).toContain("inventory/nodes.yaml is Ansible's inventory");
    expect(read('nodes.yaml')).toContain("app-server:\n    facts: {role: 'app_server'}");
    expect(read('templates/provision/seal.sh').split('\n').slice(0, 2)).toEqual(['#!/bin/sh', '# bakehouse 0.1.0 templates/provision/seal.sh']); // prettier-ignore
    expect(statSync(join(folder.path, 'jobs/install.sh')).mode & 0o777).toBe(0o755);
    expect(read('Jenkinsfile.bakehouse')).toContain("BAKEHOUSE_BRANCH = 'trunk'");
    expect(read('Jenkinsfile.bakehouse')).toContain("BAKEHOUSE_MANIFESTS = 'puppet'");
    expect(jsonOf(result).next).toEqual([
      'Edit nodes.yaml: group and size of each node.',
      expect.stringContaining('puppet/manifests/ has a node definition'),
      'npx bakehouse doctor',
      expect.stringContaining('npx bakehouse local-cloud'),
      'npx bakehouse plan --manifests puppet',
      'npx bakehouse generate --plan plan.json',
      'npx bakehouse build --plan plan.json --manifests puppet',
      'npx bakehouse verify --plan plan.json --boot --manifests puppet',
      "Your Jenkinsfile stayed: the package's is Jenkinsfile.bakehouse, for you to call or to copy from.",
      "git add nodes.yaml Vagrantfile templates Jenkinsfile.bakehouse jobs .gitignore package.json package-lock.json && git commit -m 'Bakehouse bakes our images'",
    ]);
  });

  test('a second init writes nothing, and --check finds nothing', async () => {
    team();
    await initIn(folder.path);
    const once = filesOf(folder.path);
    const again = await initIn(folder.path);
    expect(new Set(Object.values(again.decisions))).toEqual(new Set(['present']));
    expect(filesOf(folder.path)).toEqual(once);
    expect(await initIn(folder.path, { check: true })).toMatchObject({ exitCode: 0 });
  });

  test('an init that was interrupted anywhere goes on where it ended', async () => {
    const whole = temporaryFolder();
    const { decisions } = await initIn(whole.path);
    const last = Object.keys(decisions).length;
    const environmentConf = Object.keys(decisions).indexOf('templates/environment/environment.conf');
    const answers = fc
      .integer({ min: 0, max: last })
      .map((count) => [...Array<string>(count).fill('y'), 'q']);
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        rmSync(folder.path, { recursive: true });
        mkdirSync(folder.path);
        await initIn(folder.path, {}, { answers: [...given] });
        await initIn(folder.path);
        expect(filesOf(folder.path)).toEqual(filesOf(whole.path));
      }),
      // Between the last two files of the sample there is an environment already, which is not whole.
      { ...runs(20), examples: [[[...Array<string>(environmentConf).fill('y'), 'q']]] },
    );
    whole.remove();
  });

  test('what a killed init left of a file is removed, and nothing else of such a name', async () => {
    await initIn(folder.path);
    const once = filesOf(folder.path);
    const start = read('templates/provision/seal.sh').slice(0, 200);
    rmSync(join(folder.path, 'templates/provision/seal.sh'));
    write('templates/provision/seal.sh.1138952797', start);
    write('templates/provision/seal.sh.20261128', 'mine\n');
    await initIn(folder.path);
    const { 'templates/provision/seal.sh.20261128': mine, ...others } = filesOf(folder.path);
    expect(mine).toContain('mine');
    expect(others).toEqual(once);
  });

  test('--check says what is missing or older, with exit code 3, and writes nothing', async () => {
    team();
    const older = temporaryFolder();
    const changed = { 'templates/provision/seal.sh': { '0.1.0': '#!/bin/sh\nold\n', '0.3.0': '#!/bin/sh\nnew\n' } };
    const made = await madeUpPackage(older.path, changed);
    write('templates/provision/seal.sh', '#!/bin/sh\n# bakehouse 0.1.0 templates/provision/seal.sh\nold\n');
    write('jobs/install.sh', '#!/bin/sh\n# bakehouse 0.1.0 jobs/install.sh\nmine\n');
    write('jobs/seed.groovy', '// bakehouse 9.0.0 jobs/seed.groovy\n');
    const before = filesOf(folder.path);
    const result = await initIn(folder.path, { check: true }, { team: made });
    expect(result.exitCode).toBe(3);
    expect(result.decisions).toMatchObject({
      'nodes.yaml': 'missing',
      'templates/provision/seal.sh': 'older',
      'templates/provision/judge.sh': 'missing',
      'jobs/install.sh': 'present',
      'jobs/seed.groovy': 'kept',
    });
    expect(reasonOf(result, 'jobs/seed.groovy')).toContain('newer than this package (0.3.0)');
    expect(filesOf(folder.path)).toEqual(before);
    older.remove();
  }); // prettier-ignore

  test('--skip leaves out a file or a folder, also for --check', async () => {
    team();
    const skip = ['jobs/', './Jenkinsfile.bakehouse'];
    await initIn(folder.path, { yes: true, skip });
    expect(existsSync(join(folder.path, 'jobs'))).toBe(false);
    expect(await initIn(folder.path, { check: true, skip })).toMatchObject({ exitCode: 0 });
    expect(await initIn(folder.path, { check: true })).toMatchObject({ exitCode: 3 });
  });
});

describe('in a repository', () => {
  const next = async (flags = {}) => jsonOf(await initIn(folder.path, { yes: true, ...flags })).next;

  test.each([
    [
      '{"devDependencies": {"bakehouse": "file:bakehouse-0.1.0.tgz"}}',
      'package.json package-lock.json bakehouse-0.1.0.tgz',
    ],
    ['{"devDependencies": {"bakehouse": "^0.1.0", "x": "file:x.tgz"}}', 'package.json package-lock.json'],
  ])('the commit has all that npm ci needs elsewhere: %s', async (text, files) => {
    write('package.json', text);
    expect((await next()).at(-1)).toContain(` ${files} && git commit`);
  });

  test('without git, package.json and Puppet: a sample of both nodes and Puppet, and the commands that make the rest', async () => {
    const result = await initIn(folder.path);
    expect(jsonOf(result).next.slice(0, 3)).toEqual(['git init', 'npm init --yes', 'npm install --save-dev bakehouse@0.1.0']); // prettier-ignore
    expect(existsSync(join(folder.path, 'templates/environment/manifests/site.pp'))).toBe(true);
    expect(read('nodes.yaml')).toBe(readFileSync(join(root, 'nodes.yaml'), 'utf8'));
    expect(result.closing?.join('\n')).toContain('no git repository; no Puppet environment; no package.json');
  });

  test.each<[string, string[], string | undefined]>([
    ['the remote one', ['main', 'other'], 'release'],
    ['main before the current one', ['main', 'other'], undefined],
    ['the current one of a repository without a commit', ['trunk'], undefined],
  ])('the default branch is %s', async (_, [first = '', second], remote) => {
    await gitIn(folder.path, 'init', '-q', '-b', first);
    if (second !== undefined) {
      await gitIn(folder.path, 'commit', '-q', '--allow-empty', '-m', 'x');
      await gitIn(folder.path, 'checkout', '-q', '-b', second);
    }
    if (remote !== undefined) await gitIn(folder.path, 'symbolic-ref', 'refs/remotes/origin/HEAD', `refs/remotes/origin/${remote}`); // prettier-ignore
    await initIn(folder.path);
    expect(read('Jenkinsfile')).toContain(`BAKEHOUSE_BRANCH = '${remote ?? first}'`);
  });

  test('a folder of a larger repository gets the files, and its names with blanks are quoted', async () => {
    await gitIn(folder.path, 'init', '-q', '-b', 'main');
    write('package.json', '{"devDependencies": {"bakehouse": "*"}}');
    write("infra/it's puppet/environment.conf", '');
    write("infra/it's puppet/Puppetfile", "mod 'a/b'\n");
    const result = await initIn(join(folder.path, 'infra'));
    expect(jsonOf(result).found).toMatchObject({ git: { inside: 'infra' }, packageJson: '../package.json' });
    expect(jsonOf(result).next).toEqual(
      expect.arrayContaining([
        "r10k puppetfile install --puppetfile 'it'\\''s puppet/Puppetfile' --moduledir 'it'\\''s puppet/modules'",
        "npx bakehouse plan --manifests 'it'\\''s puppet'",
        `For Jenkins and Vagrant, set BAKEHOUSE_MANIFESTS to "it's puppet" by hand: init fills in plain names only.`,
        expect.stringContaining("in the repository's top, not in infra"),
      ]),
    );
    expect(read('infra/Jenkinsfile')).toContain("BAKEHOUSE_MANIFESTS = 'templates/environment'");
  });

  test.each<[string, string, string]>([
    ['a list', '- name: web\n', 'a list'],
    ["Ansible's", 'web:\n  hosts: {a: }\n', "Ansible's inventory"],
  ])('with a nodes.yaml that is %s: it stays, and another one is written', async (_, text, what) => {
    write('nodes.yaml', text);
    const result = await initIn(folder.path);
    expect(read('nodes.yaml')).toBe(text);
    expect(result.decisions).toMatchObject({ 'nodes.bakehouse.yaml': 'written' });
    expect(reasonOf(result, 'nodes.bakehouse.yaml')).toContain(`nodes.yaml is ${what}`);
    expect(jsonOf(result).next).toContain('npx bakehouse plan --nodes nodes.bakehouse.yaml --manifests templates/environment'); // prettier-ignore
    const again = await initIn(folder.path);
    expect(again.decisions).toMatchObject({ 'nodes.bakehouse.yaml': 'present' });
  });

  test('with nodes.yaml in folders: the nearest is taken, the others are named', async () => {
    write('b/infra/nodes.yaml', 'x: {group: g}\n');
    write('infra/nodes.yml', 'x: {group: g}\ny: {group: g}\n');
    write('node_modules/bakehouse/nodes.yaml', 'z: {group: g}\n');
    const result = await initIn(folder.path);
    expect(existsSync(join(folder.path, 'nodes.yaml'))).toBe(false);
    expect(reasonOf(result, 'infra/nodes.yml')).toBe('found, with 2 nodes; not used: b/infra/nodes.yaml');
    expect(await next()).toContain('npx bakehouse doctor --nodes infra/nodes.yml');
    expect(await next({ nodes: 'b/infra/nodes.yaml' })).toContain('npx bakehouse doctor --nodes b/infra/nodes.yaml'); // prettier-ignore
  });

  test('flags that name what is not there are refused, all at once, with exit code 2', async () => {
    const flags = { yes: true, nodes: 'x.yaml', manifests: 'nodes.yaml' };
    await expect(initIn(folder.path, flags)).rejects.toThrow(/--nodes x\.yaml is no file[^]*--manifests nodes\.yaml is no folder/); // prettier-ignore
    await expect(initIn(folder.path, { yes: true, check: true })).rejects.toMatchObject({ exitCode: 2 });
    expect(filesOf(folder.path)).toEqual({});
  });

  test('links: none is overwritten or followed out of the folder', async () => {
    const outside = temporaryFolder();
    symlinkSync(outside.path, join(folder.path, 'templates'));
    mkdirSync(join(folder.path, 'ci'));
    write('ci/Jenkinsfile', 'pipeline {}\n');
    symlinkSync('ci/Jenkinsfile', join(folder.path, 'Jenkinsfile'));
    symlinkSync('nowhere', join(folder.path, 'nodes.yaml'));
    write('jobs', 'a file\n');
    const result = await initIn(folder.path, { yes: true, skip: ['.gitignore'] });
    expect(result.exitCode).toBe(3);
    expect(filesOf(outside.path)).toEqual({});
    expect(read('ci/Jenkinsfile')).toBe('pipeline {}\n');
    expect(result.decisions).toMatchObject({
      'nodes.bakehouse.yaml': 'written',
      'templates/provision/seal.sh': 'blocked',
      'Jenkinsfile.bakehouse': 'written',
      'jobs/seed.groovy': 'blocked',
    });
    expect(reasonOf(result, 'templates/provision/seal.sh')).toContain('outside of this folder');
    expect(reasonOf(result, 'jobs/seed.groovy')).toBe('it is in jobs, which is no folder');
    outside.remove();
  });

  testAsRoot('a folder that cannot be written is said, with exit code 2, and nothing is half written', async () => {
    const place = join(folder.path, 'read only');
    mkdirSync(place);
    await execa('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'none', place]);
    try {
      const refused = { exitCode: 2, message: expect.stringMatching(/nodes\.yaml cannot be written \(EROFS\): run init where you may write/) };
      await expect(initIn(place)).rejects.toMatchObject(refused);
      expect(filesOf(place)).toEqual({});
    } finally {
      await execa('umount', [place]);
    }
  }); // prettier-ignore

  test("files of the team's own, without a version, stay", async () => {
    write('templates/provision/seal.sh', 'mine\n');
    const result = await initIn(folder.path);
    expect(result.decisions['templates/provision/seal.sh']).toBe('kept');
    expect(read('templates/provision/seal.sh')).toBe('mine\n');
  });

  test.each([
    ['node_modules\n/packs', 'node_modules\n/packs\n'],
    ['node_modules/\r\npacks\r\n', 'node_modules/\r\npacks\r\n'],
  ])('.gitignore %j gets the lines that it lacks, with its own line ends', async (text, start) => {
    write('.gitignore', text);
    const result = await initIn(folder.path);
    expect(result.decisions['.gitignore']).toBe('added');
    expect(read('.gitignore').startsWith(start)).toBe(true);
    const lines = read('.gitignore').split(start.includes('\r') ? '\r\n' : '\n');
    expect(lines.filter((line) => /packs|node_modules/.test(line))).toHaveLength(2);
    expect(lines).toContain('/reports/');
  });
});
