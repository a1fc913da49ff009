import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { root, stage, stageArguments, temporaryFolder } from '../cli/stage-process.ts';

/** plan as a process, without EC2, over a small environment; the tests leave its repository as they find it. */

const sample = {
  'nodes.yaml': 'redis: {group: g}\nweb: {group: g}\napp: {group: g}\n',
  'environment/manifests/site.pp':
    "node /^redis[-.]/ { include redis }\nnode /^web[-.]/ { notify { 'web': } }\nnode /^app[-.]/ { include tools }\n",
  'environment/modules/redis/manifests/init.pp': "class redis {\n  notify { 'redis': }\n}\n",
  'environment/modules/tools/manifests/init.pp':
    "class tools (Sensitive[String] $token) {\n  notify { 'token': message => $token }\n}\n",
  'environment/hiera.yaml':
    'version: 5\ndefaults: {datadir: data, data_hash: yaml_data}\nhierarchy: [{name: Node, path: "%{facts.bakehouse_node}.yaml"}, {name: All, path: all.yaml}]\n',
  'environment/data/all.yaml': 'lookup_options: {tools::token: {convert_to: Sensitive}}\n',
  'environment/data/app.yaml': 'tools::token: hunter2-of-the-app\n',
};

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const git = (...args: string[]) =>
  execa('git', ['-C', folder.path, '-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args]);
const noStack = expect.not.stringMatching(/\n\s+at /);

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  }
}

beforeAll(async () => {
  write(sample);
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'first');
});
afterAll(() => {
  folder.remove();
});

const flags = (manifests = 'environment') => [
  ...['--nodes', at('nodes.yaml'), '--manifests', at(manifests), '--facts', at('facts')],
  ...['--cache', at('.git/cache'), '--reports', at('.git/reports'), '--parallel', '1'],
];
const plan = (...args: string[]) => stage('plan', [...flags(), ...args]);

/** Runs with other files, and puts those back that git has. */
async function withFiles<T>(files: Record<string, string>, use: () => Promise<T>): Promise<T> {
  write(files);
  try {
    return await use();
  } finally {
    await git('reset', '--quiet', '--hard');
    await git('clean', '--quiet', '-fd');
  }
}

describe('plan refuses', () => {
  test.each<[string, string[], string]>([
    ['a commit that is not there', ['--since', 'nope'], "git knows no commit 'nope'"],
    [
      '--markdown without a comparison',
      ['--offline', '--markdown'],
      '--markdown needs --diff NODE or --since REV',
    ],
    ['--diff of such a node', ['--since', 'HEAD', '--diff', '$(touch x)'], '--diff "$(touch x)" is not in'],
    [
      'a Puppet that is not there',
      ['--offline', '--puppet', at('none')],
      'none": there is no such file; name the program puppet by its path',
    ],
    ['a template that is not there', ['--offline', '--template', at('none')], 'none'],
  ])('%s with exit code 2', async (_, args, message) => {
    const end = await plan(...args);
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain(message);
  });

  test('a folder that is not there', async () => {
    const end = await stage('plan', ['--offline', '--manifests', '/no/such', '--cache', at('.git/cache')]);
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain('/no/such: there is no such folder');
  });

  test('facts that are not YAML, all files at once, and a module folder that is missing', async () => {
    const facts = { 'facts/redis.yaml': 'a: [1\n', 'facts/web.yaml': '- a\n' };
    const bad = await withFiles(facts, () => plan('--offline'));
    expect(bad).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(bad.stderr).toMatch(/facts\/redis\.yaml:\d+:\d+: not YAML/);
    expect(bad.stderr).toContain('facts/web.yaml: it is a list');
    const conf = { 'environment/environment.conf': 'manifest = manifests\nmodulepath = modules:forge\n' };
    const missing = await withFiles(conf, () => plan('--offline'));
    expect(missing).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(missing.stderr).toContain('environment.conf:2');
  });
});

test('each node that has no catalog says why, with exit code 3, and the others have their digests', async () => {
  const files = {
    'nodes.yaml':
      'redis: {group: g}\nweb: {group: g, facts: {role: front}}\napp: {group: g}\nnobody: {group: g}\n',
    'environment/modules/redis/manifests/init.pp': 'class redis {\n  include none\n}\n',
    'environment/modules/tools/manifests/init.pp':
      'class tools (Sensitive[String] $token) {\n  file { "/a" \n}\n',
  };
  const end = await withFiles(files, () => plan('--offline'));
  expect(end).toMatchObject({ exitCode: 3, stderr: noStack });
  expect(end.stdout).toMatch(/^redis +modules\/redis\/manifests\/init\.pp:2:\d+: .*none/m);
  expect(end.stdout).toMatch(/^web +[0-9a-f]{64}$/m);
  expect(end.stdout).toMatch(/^app +modules\/tools\/manifests\/init\.pp:3:\d+: Syntax error/m);
  expect(end.stdout).toMatch(/^nobody +.*nobody\.bake/m);
});

test('a node whose image gets another Puppet than the one that compiles is said to, also where its catalog fails', async () => {
  const files = {
    'nodes.yaml':
      'redis: {group: g, source_ami: {name: "debian-11-amd64-*", owner: "136693071363"}}\nweb: {group: g}\n',
    'environment/modules/redis/manifests/init.pp': 'class redis {\n  notify { new_in_another() : }\n}\n',
  };
  const end = await withFiles(files, () => plan('--offline', '--node', 'redis'));
  expect(end).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/new_in_another/) });
  expect(end.stderr).toMatch(/^warning: redis: the image has Puppet 5 and Puppet \d\S+ compiles here: /m);
});

test('a manifest that loops for ever costs its node the time limit only', async () => {
  const loop = 'class redis {\n  Integer[1, 2000000000].each |$i| { $x = "${i}" }\n}\n';
  const end = await withFiles({ 'environment/modules/redis/manifests/init.pp': loop }, () =>
    plan('--offline', '--compile-timeout', '3s'),
  );
  expect(end.exitCode).toBe(3);
  expect(end.stdout).toMatch(/^redis +The catalog was not compiled within 3 s/m);
  expect(end.stdout).toMatch(/^web +[0-9a-f]{64}$/m);
});

test('a plan that a signal ends leaves neither a compiler nor a temporary folder, and says no more than that', async () => {
  const loop = 'class redis {\n  Integer[1, 2000000000].each |$i| { $x = "${i}" }\n}\n';
  const temporary = at('.git/temporary');
  mkdirSync(temporary);
  let compilers: string[] = [];
  await withFiles({ 'environment/modules/redis/manifests/init.pp': loop }, async () => {
    const child = spawn(process.execPath, [...stageArguments('plan'), ...flags(), '--since', 'HEAD'], {
      cwd: root,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const waiting = setInterval(() => {
      compilers = childrenOf(child.pid ?? 0);
      if (compilers.length === 0) return;
      clearInterval(waiting);
      child.kill('SIGTERM');
    }, 20);
    const [code] = (await once(child, 'close')) as [number];
    clearInterval(waiting);
    expect([code, said]).toEqual([
      143,
      expect.stringMatching(/SIGTERM: cleaning up before the end\nplan: ended\n$/),
    ]);
  });
  expect(compilers.length).toBeGreaterThan(0);
  // A process that has ended but that nobody has asked for yet still has a name.
  for (const pid of compilers) while (!/^$|\) Z /.test(read(`/proc/${pid}/stat`))) await pause(20);
  expect(readdirSync(temporary).filter((name) => name.startsWith('bakehouse'))).toEqual([]);
});

/** What stands there, and nothing when that has gone, as what is said of a process may at any time. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The Ruby processes that a process has started. */
function childrenOf(pid: number): string[] {
  const all = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ');
  return all.filter((child) => read(`/proc/${child}/cmdline`).includes('compile.rb'));
}

test('a secret is in nothing that plan says, and --json has the digests', async () => {
  const secret = 'hunter3-of-the-app';
  const files = { 'environment/data/app.yaml': `tools::token: ${secret}\n` };
  const [since, markdown, json] = await withFiles(files, async () => [
    await plan('--since', 'HEAD', '--node', 'app'),
    await plan('--since', 'HEAD', '--node', 'app', '--diff', 'app', '--markdown'),
    await plan('--offline', '--node', 'app', '--node', 'web', '--json'),
  ]);
  expect(since.stdout).toMatch(/^changed +app\s+catalog/m);
  expect(markdown.stdout).toContain('[secret]');
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: 1,
    offline: true,
    nodes: ['web', 'app'].map((node) => ({ node, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })),
  });
  const said = [since, markdown, json].map((end) => JSON.stringify(end)).join('');
  expect(said + readFileSync(at('.git/reports/plan.junit.xml'), 'utf8')).not.toMatch(/hunter[23]/);
});

test('a fact of a file that changed since a commit is named', async () => {
  const files = { 'deploys/web.yaml': 'version: 1.4.2\n', 'nodes.yaml': 'web: {group: g, facts_from: deploys/web.yaml}\n' }; // prettier-ignore
  const json = await withFiles(files, async () => {
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'a deploy');
    write({ 'deploys/web.yaml': 'version: 1.5\n' });
    const end = await plan('--since', 'HEAD', '--json');
    await git('reset', '--quiet', '--hard', 'HEAD~1');
    return end;
  });
  expect(JSON.parse(json.stdout)).toMatchObject({
    nodes: [{ node: 'web', status: 'changed', causes: ['pack'], text: 'fact version 1.4.2 → 1.5' }],
  });
});

test('a node that the commit did not have is new, also when it is the only one that is asked for', async () => {
  const files = {
    'nodes.yaml': 'redis-two: {group: g}\nweb: {group: g}\n',
    'environment/manifests/site.pp': sample['environment/manifests/site.pp'].replace(
      'redis[-.]',
      'redis-two[-.]',
    ),
  };
  const [alone, all] = await withFiles(files, async () => [
    await plan('--since', 'HEAD', '--node', 'redis-two'),
    await plan('--since', 'HEAD'),
  ]);
  expect(alone).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^added +redis-two +it is new$/m),
  });
  expect(all.stdout).toMatch(/^removed +redis, app +it is gone from the nodes$/m);
});

test('a shallow clone says that it has not the older commit', async () => {
  await git('commit', '--quiet', '--allow-empty', '--message', 'second');
  const first = (await git('rev-parse', 'HEAD~1')).stdout;
  await execa('git', ['clone', '--quiet', '--depth', '1', `file://${folder.path}`, at('.git/shallow')]);
  const end = await stage('plan', [...flags('.git/shallow/environment'), '--since', first]);
  expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
  expect(end.stderr).toContain('this is a shallow clone');
});
