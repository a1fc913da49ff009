import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deploy } from '../../src/deploy/deploy.ts';
import { textWithFacts, typedFact } from '../../src/deploy/given-facts.ts';
import { deployCommand } from '../../src/deploy.ts';
import { parseFactsFile } from '../../src/nodes/facts-file.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';
import { fc } from '../runs.ts';
import { stageHere } from '../cli/stage-here.ts';
import { stage, temporaryFolder } from '../cli/stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});
const at = (name: string) => join(folder.path, name);
const read = (name: string) => readFileSync(at(name), 'utf8');
const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  }
};
const web = 'deploys/web.yaml';
const nodes = `redis: {group: g}\nweb: {group: g, facts_from: ${web}}\n`;
const args = (facts: string[]) => ['--node', 'web', ...facts.flatMap((fact) => ['--fact', fact])];
const here = (more: string[]) => stageHere(deployCommand.flags, deploy, more, folder.path);
const deployHere = (...facts: string[]) => here(args(facts));
const factsOf = async (name: string) =>
  (await loadNodes(at('nodes.yaml'), [name], () => undefined))[0]?.facts;

describe('deploy', () => {
  test('as a process writes the facts, says what changed, and whose the commit is', async () => {
    write({ 'nodes.yaml': nodes, [web]: '# By the deploy job.\nversion: 1.4.1 # the app\ntier: one\n' });
    const end = await stage('deploy', args(['version=1.4.2', 'new=x y']), { cwd: folder.path });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(end.stdout).toMatch(/^version +1\.4\.1 +1\.4\.2$/m);
    expect(end.stdout).toMatch(/^new +none +x y$/m);
    expect(end.stdout).toContain(`${web} is written. The commit is yours: git add ${web}`);
    expect(read(web)).toBe('# By the deploy job.\nversion: 1.4.2 # the app\ntier: one\nnew: x y\n');
    expect(readdirSync(at('deploys'))).toEqual(['web.yaml']);
  });

  test('makes a file that is missing, whatever other files are missing, too', async () => {
    write({ 'nodes.yaml': `${nodes}api: {group: g, facts_from: deploys/api.yaml}\n` });
    const { exitCode, stdout } = await deployHere('version=1.4.2');
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      { schema: 1, node: 'web', file: web, written: true, changes: [{ fact: 'version', was: null, is: '1.4.2' }], others: [] },
    ]);
    expect(read(web)).toBe('version: 1.4.2\n');
    expect(existsSync(at('deploys/api.yaml'))).toBe(false);
  }); // prettier-ignore

  test('writes nothing where the file says so already', async () => {
    const odd = 'version:   "1.10"\r\n';
    write({ 'nodes.yaml': nodes, [web]: odd });
    const { stdout } = await deployHere('version=1.10');
    expect(JSON.parse(stdout)).toMatchObject({ written: false, changes: [] });
    expect(read(web)).toBe(odd);
  });

  test('says which other nodes have the file', async () => {
    write({ 'nodes.yaml': `${nodes}api: {group: g, facts_from: [${web}]}\n`, [web]: 'version: 1\n' });
    expect(JSON.parse((await deployHere('version=2')).stdout)).toMatchObject({ others: ['api'] });
  });

  test('finds the file from the folder of nodes.yaml', async () => {
    write({ 'team/nodes.yaml': nodes });
    await here([...args(['version=1']), '--nodes', 'team/nodes.yaml']);
    expect(read(`team/${web}`)).toBe('version: "1"\n');
  });

  test('writes the file of several that --file names', async () => {
    write({ 'nodes.yaml': 'web: {group: g, facts_from: [a.yaml, b.yaml]}\n', 'b.yaml': '' });
    expect((await deployHere('x=1')).stderr).toContain('say which one with --file: a.yaml, b.yaml');
    expect((await here([...args(['x=1']), '--file', './a.yaml'])).exitCode).toBe(0);
    expect([read('a.yaml'), read('b.yaml')]).toEqual(['x: "1"\n', '']);
    expect((await here([...args(['x=1']), '--file', '../c'])).stderr).toContain('it has a.yaml, b.yaml');
  });

  test('keeps versions texts: 1.10 and 2 are no numbers to Puppet', async () => {
    write({ 'nodes.yaml': nodes });
    await deployHere('a=1.10', 'b=2', 'c=true', 'd=null', 'e=00420', 'f=2026-11-27', 'g=~', 'h=x: y # z');
    expect(await factsOf('web')).toEqual(
      { a: '1.10', b: '2', c: 'true', d: 'null', e: '00420', f: '2026-11-27', g: '~', h: 'x: y # z' },
    );
  }); // prettier-ignore

  test('keeps a number a number, where the new value is one', async () => {
    write({ 'nodes.yaml': nodes, [web]: 'workers: 4\non: true\nratio: 1.25\n' });
    await deployHere('workers=8', 'on=false', 'ratio=1.5');
    expect(await factsOf('web')).toEqual({ workers: 8, on: false, ratio: 1.5 });
    await deployHere('workers=many', 'on=no');
    expect(await factsOf('web')).toEqual({ workers: 'many', on: 'no', ratio: 1.5 });
  });
});

describe('deploy refuses', () => {
  const tooLong = `version=${'x'.repeat(257)}`;
  test.each<[string, string[], string[]]>([
    ['what is no plain fact, all at once', ['version=$(touch x)', 'b=`id`', 'c=a\nb', 'd=', 'e', 'f=\u001b[1m', 'g=${X}', tooLong], ['"version" has `$(`', '"b" has `$(`', '"c" has a line break', '"d" has no value', '"e" is not NAME=VALUE', '"f" has a line break', '"g" has']],
    ['names that are none of facts', ['Version=1', 'a-b=1', '=1', '--x=1', 'bakehouse_run=1', 'trusted=1'], ['"Version" is not the name', '"a-b" is not', '"" is not', '"--x" is not', '"bakehouse_run" is a name that Bakehouse keeps', '"trusted" is a variable']],
    ['a fact twice', ['a=1', 'a=2'], ['"a" is given twice']],
    ['no fact at all', [], ['no fact is given']],
  ])('%s', async (_, facts, messages) => {
    write({ 'nodes.yaml': nodes, [web]: 'version: 1\n' });
    const flags = ['--node', 'web', ...facts.map((fact) => `--fact=${fact}`)];
    const { exitCode, stderr, stdout } = await here(flags);
    expect([exitCode, stdout]).toEqual([2, '']);
    for (const message of messages) expect(stderr).toContain(message);
    expect(read(web)).toBe('version: 1\n');
  }); // prettier-ignore

  test.each<[string, Record<string, string>, string[], string]>([
    ['no node', {}, ['--fact', 'a=1'], 'name the one node that is deployed'],
    ['two nodes', {}, ['--node', 'web', '--node', 'redis', '--fact', 'a=1'], 'name the one node'],
    ['an unknown node', {}, ['--node', 'wbe', '--fact', 'a=1'], 'did you mean web?'],
    ['a node without a file', {}, ['--node', 'redis', '--fact', 'a=1'], 'redis has no file of facts in nodes.yaml: add the line `facts_from: deploys/redis.yaml` below `redis:`'],
    ['a file that is the defaults’ only', { 'nodes.yaml': `defaults: {group: g, facts_from: ${web}}\nnodes: {web: }` }, args(['a=1']), 'web has no file of facts'],
    ['a fact that `facts` would win over', { 'nodes.yaml': `web: {group: g, facts_from: ${web}, facts: {version: 1}}` }, args(['version=2']), 'version of web would stay 1: `facts` of web'],
    ['a file that is not YAML', { [web]: 'a: [' }, args(['a=1']), `${web}:1:5: not YAML`],
    ['a file that is a list', { [web]: '- a' }, args(['a=1']), `${web}:1:1: the file is not a mapping`],
    ['a file whose values hang together', { [web]: 'a: &v 1\nb: *v\n' }, args(['a=2']), 'as its values hang together: edit it by hand'],
    ['a wrong nodes.yaml', { 'nodes.yaml': 'web: {}' }, args(['a=2']), 'nodes.yaml:1:1: "web": `group` is missing'],
  ])('%s, and writes nothing', async (_, files, flags, message) => {
    write({ 'nodes.yaml': nodes, [web]: 'version: 1\n', ...files });
    const before = read(web);
    expect(await here(flags)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(read(web)).toBe(before);
    expect(readdirSync(at('deploys'))).toEqual(['web.yaml']);
  }); // prettier-ignore

  test('to make a file behind a link that leads out of the folder of nodes.yaml', async () => {
    write({ 'team/nodes.yaml': nodes, 'other/x': '' });
    symlinkSync('../other', at('team/deploys'));
    const end = await here([...args(['a=1']), '--nodes', 'team/nodes.yaml']);
    expect(end).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is a symbolic link out of') });
    expect(readdirSync(at('other'))).toEqual(['x']);
  });

  test('a place where it cannot write, and leaves nothing half written', async () => {
    write({ 'nodes.yaml': nodes, deploys: '' });
    expect((await deployHere('a=1')).stderr).toContain('which cannot be read (ENOTDIR)');
    write({ 'nodes.yaml': 'web: {group: g, facts_from: ro/web.yaml}\n', 'ro/web.yaml': 'a: 1\n' });
    chmodSync(at('ro'), 0o555);
    const end = await deployHere('a=2');
    chmodSync(at('ro'), 0o755);
    // root may write there.
    if (end.exitCode === 0) expect(process.getuid?.()).toBe(0);
    else expect(end.stderr).toContain('ro/web.yaml cannot be written (EACCES)');
    expect(readdirSync(at('ro'))).toEqual(['web.yaml']);
  });
});

test('whatever a plain fact is, the file has it afterwards, and every other fact and comment as before', () => {
  const text = '# head\nversion: 1.4.1 # the app\n\n# of the team\ntier: "one"\nworkers: 4\n';
  const value = fc
    .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), fc.stringMatching(/^[-~?:,#&*!|>%@"'\[\]{}. a0-9]{1,9}$/))
    .filter((one) => one.trim() === one && one !== '' && !/\$[({]|`|\{\{/.test(one));
  fc.assert(
    fc.property(value, (one) => {
      const name = fc.sample(fc.constantFrom('version', 'workers', 'brand_new'), 1)[0] ?? '';
      const { facts } = parseFactsFile(text, 'f');
      const is = typedFact(one, facts[name]);
      const after = textWithFacts(text, new Map([[name, is]]));
      const { facts: now, problems } = parseFactsFile(after, 'f');
      // The reader is stricter about what cannot be seen.
      if (problems.length === 0) expect(now).toEqual({ ...facts, [name]: is });
      for (const comment of ['# head\n', '# the app\n', '# of the team\n']) expect(after).toContain(comment);
    }),
  );
}); // prettier-ignore
