import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from '../../src/generate/generate.ts';
import { generateCommand } from '../../src/generate.ts';
import { stageHere } from './stage-here.ts';
import { root, stage, temporaryFolder } from './stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

const at = (name: string) => join(folder.path, name);
const write = (name: string, text: string) => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const report = 'reports/a/puppet-report.yaml';
const noStack = expect.not.stringMatching(/\n\s+at /);

const generateHere = (...args: string[]) => stageHere(generateCommand.flags, generate, args, folder.path);

describe('generate refuses', () => {
  test('a nodes.yaml that is missing, as a process, with exit code 2 and one sentence', async () => {
    const end = await stage('generate', [], { cwd: folder.path });
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain('nodes.yaml: there is no such file: give');
  });

  const long = 'x'.repeat(100);
  test.each<[string, string, string[], string]>([
    ['a nodes.yaml that is not YAML', 'a: {group: g}\nb: [1,\n', [], 'nodes.yaml:3:1: not YAML'],
    ['an empty one', '', [], 'nodes.yaml:1:1: the file is empty'],
    ['a duplicate node', 'a: {group: g}\na: {group: g}\n', [], 'nodes.yaml:2:1: this key stands twice'],
    ['the name ../x', '../x: {group: g}\n', [], 'nodes.yaml:1:1: node name "../x" is not'],
    ['the name Web', 'Web: {group: g}\n', [], 'nodes.yaml:1:1: node name "Web" is not'],
    ['a name of 100 characters', `${long}: {group: g}\n`, [], 'nodes.yaml:1:1: node name'],
    ['wrong types', 'a:\n  group: 5\n  size: []\n', [], 'nodes.yaml:3:9: "a": `size` is not'],
    ['an unknown node', 'redis: {group: g}\n', ['--node', 'rediss'], 'did you mean redis?'],
    [
      'a hostile node',
      'redis: {group: g}\n',
      ['--node', '$(touch hacked)'],
      '--node "$(touch hacked)" is not in',
    ],
    [
      'an unknown flag',
      'redis: {group: g}\n',
      ['--nodez', 'x'],
      'unknown flag --nodez; did you mean --nodes?',
    ],
  ])('%s with exit code 2 and one sentence', async (_, nodes, args, message) => {
    write('nodes.yaml', nodes);
    const template = join(root, 'templates/packer.json.mustache');
    const end = await generateHere('--template', template, ...args);
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain(message);
    expect(readdirSync(folder.path)).toEqual(['nodes.yaml']);
  });

  test.each<[string, string | undefined, string]>([
    [
      'with an unknown variable',
      '{\n  "builders": [{"x": "<%sise%>"}]}',
      't.mustache:2:23: nothing gives `sise`',
    ],
    [
      'that gives bad JSON',
      '{"builders": [{"x": <%size%>}]}',
      't.mustache: for node a it gives bad JSON at line 1',
    ],
    ['with a tag that is not closed', '{"x": "<%#size%>"}', 't.mustache:1:'],
    ['that is missing', undefined, 't.mustache: cannot be read'],
  ])('a template %s with exit code 2, and writes nothing', async (_, template, message) => {
    write('nodes.yaml', 'a: {group: g}\n');
    if (template !== undefined) write('t.mustache', template);
    const end = await generateHere('--template', 't.mustache');
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain(message);
    expect(existsSync(at('packs'))).toBe(false);
  });
});

describe('build refuses', () => {
  const account = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  // Only these programs are on PATH.
  const tools = (packer: string | undefined) => {
    mkdirSync(at('bin'));
    if (packer !== undefined) {
      write('bin/packer', `#!/bin/sh\necho '${packer}'\n`);
      chmodSync(at('bin/packer'), 0o755);
    }
    return at('bin');
  };
  const ready = () => {
    write('nodes.yaml', 'a: {group: g}\n');
    write('packs/a.json', '{}');
    mkdirSync(at('puppet'));
  };
  const args = ['--manifests', 'puppet'];

  test('packs that are missing, and a missing Puppet environment, with exit code 2, all at once', async () => {
    write('nodes.yaml', 'a: {group: g}\nb: {group: g}\n');
    const end = await stage('build', args, { cwd: folder.path, env: account });
    expect(end).toMatchObject({ exitCode: 2, stdout: '' });
    for (const what of [
      'packs/a.json is missing',
      'packs/b.json is missing',
      'puppet: there is no such folder',
    ]) {
      expect(end.stderr).toContain(what);
    }
  });

  test.each<[string, string | undefined, string]>([
    ['missing', undefined, 'Packer is not installed'],
    ['too old', 'Packer v1.3.5', 'Packer 1.3.5 is too old'],
    ['another program of that name', 'usage: packer [dictionary]', "is not HashiCorp's"],
  ])('a Packer that is %s with exit code 4', async (_, packer, message) => {
    ready();
    const end = await stage('build', args, { cwd: folder.path, env: account, path: tools(packer) });
    expect(end).toEqual({ exitCode: 4, stdout: '', stderr: noStack });
    expect(end.stderr).toContain(message);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no region', { AWS_REGION: '' }, 'no AWS region: set AWS_REGION'],
    [
      'no credentials',
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      'no AWS credentials: set AWS_PROFILE',
    ],
    [
      'an endpoint that refuses',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      'http://127.0.0.1:9 cannot be reached',
    ],
  ])('%s with exit code 4', async (_, env, message) => {
    ready();
    const path = `${tools('Packer v1.6.6')}:${process.env.PATH ?? ''}`;
    const end = await stage('build', args, { cwd: folder.path, env: { ...account, ...env }, path });
    expect(end).toEqual({ exitCode: 4, stdout: '', stderr: noStack });
    expect(end.stderr).toContain(message);
  });
});

describe('verify', () => {
  test('refuses a --secret that is no regular expression with exit code 2', async () => {
    write('nodes.yaml', 'a: {group: g}\n');
    const end = await stage('verify', ['--secret', '(', '--secret', 'x'], { cwd: folder.path });
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain("--secret '(' is not a regular expression");
  });

  test.each<[string, () => void, string]>([
    [
      'that is missing',
      () => mkdirSync(at('reports/a'), { recursive: true }),
      'there is no report of Puppet',
    ],
    ['that is a folder', () => mkdirSync(at(report), { recursive: true }), 'it is a folder, not a file'],
    [
      'of 100 MB',
      () => {
        write(report, '');
        truncateSync(at(report), 100_000_000);
      },
      'it has 100000000 bytes, and at most 20971520 are read',
    ],
    [
      'that is HTML',
      () => {
        write(report, '<html><body>502</body></html>');
      },
      'bare text, not fields with values',
    ],
  ])('shows a report %s as a failed case, with exit code 3 and a sentence', async (_, prepare, message) => {
    write('nodes.yaml', 'a: {group: g}\n');
    prepare();
    const end = await stage('verify', [], { cwd: folder.path });
    expect(end).toMatchObject({ exitCode: 3, stderr: noStack });
    const xml = readFileSync(at('reports/a/junit.xml'), 'utf8');
    expect(xml).toContain(message);
    expect(xml).not.toMatch(/\n\s+at /);
    const record = JSON.parse(readFileSync(at('reports/a/verify.json'), 'utf8')) as { reasons: string[] };
    expect(record).toMatchObject({ schema: 1, node: 'a', verified: false });
    expect(record.reasons.join('\n')).toContain(message);
  });

  test('says where it cannot write its JUnit file, with exit code 2', async () => {
    write('nodes.yaml', 'a: {group: g}\n');
    mkdirSync(at('reports/a/junit.xml'), { recursive: true });
    const end = await stage('verify', [], { cwd: folder.path });
    expect(end).toEqual({ exitCode: 2, stdout: '', stderr: noStack });
    expect(end.stderr).toContain('reports/a/junit.xml cannot be written (EISDIR)');
  });
});
