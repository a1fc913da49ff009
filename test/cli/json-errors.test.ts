import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { errorJson } from '../../src/cli/run-stage.ts';
import { root, stage, temporaryFolder } from './stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'bad.yaml'), 'a: {group: g}\nb: 1\n');
  writeFileSync(join(folder.path, 'nodes.yaml'), 'a: {group: g}\n');
});
afterAll(() => {
  folder.remove();
});
const run = (name: string, ...args: string[]) =>
  stage(name, [...args, '--json'], { cwd: folder.path, env: { AWS_EC2_METADATA_DISABLED: 'true' } });

const stages = ['plan', 'generate', 'build', 'verify', 'cleanup', 'deploy', 'doctor'];

describe('with --json an error is an object on stdout, and the sentence on stderr as well', () => {
  test.each(stages)('%s says so of wrong flags', async (name) => {
    const end = await run(name, '--nonsense');
    expect(end).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--nonsense') });
    expect(JSON.parse(end.stdout)).toEqual({
      schema: 1,
      error: { code: 'bad-input', message: expect.stringContaining('unknown flag --nonsense') },
    });
  });

  test.each(['generate', 'cleanup'])('%s says where nodes.yaml is wrong', async (name) => {
    const end = await run(name, '--nodes', 'bad.yaml');
    expect(end.exitCode).toBe(2);
    const { error } = JSON.parse(end.stdout) as { error: object };
    expect(error).toMatchObject({ code: 'bad-input', place: { file: 'bad.yaml', line: 2 } });
  });

  test('cleanup says so of a cloud that it cannot ask', async () => {
    const end = await run('cleanup');
    expect(end.exitCode).toBe(4);
    expect(JSON.parse(end.stdout)).toMatchObject({ schema: 1, error: { code: 'unavailable' } });
  });

  test('the steps of the Jenkinsfile do so, too', async () => {
    const end = await stage('jenkins', ['nonsense', '--json']);
    expect(end.exitCode).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: 'bad-input' } });
  });
});

test.each<[number, string, object]>([
  [1, 'a bug of Bakehouse: Error: x\n    at a.ts:1:2: y', { code: 'bug' }],
  [2, 'nodes.yaml:3:4: no\nnodes.yaml:5: no', { code: 'bad-input', place: { file: 'nodes.yaml', line: 3, column: 4 } }],
  [2, 'first\n/a b/t.mustache:7: no', { code: 'bad-input', place: { file: '/a b/t.mustache', line: 7 } }],
  [3, 'x', { code: 'node-failed' }],
  [4, 'ca.example.com:8140: refused', { code: 'unavailable' }],
  [143, 'ended', { code: 'interrupted' }],
])('of exit code %i the error for a program has the kind, and the place only of wrong input', (code, message, expected) => {
  expect(errorJson(code, message)).toEqual({ schema: 1, error: { message, ...expected } });
}); // prettier-ignore

test.each(['build', 'jenkins'])('%s knows its version', async (name) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const end = await stage(name, ['--version']);
  expect(end).toEqual({ exitCode: 0, stdout: `bakehouse ${version}`, stderr: '' });
});
