import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root, stage } from './stage-process.ts';

const bakehouse = (...args: string[]) => stage('bakehouse', args);

test('the program of the package has a command for each entrypoint', async () => {
  const entrypoints = readdirSync(join(root, 'src')).flatMap((name) => /^(.*)\.ts$/.exec(name)?.[1] ?? []);
  const commands = entrypoints.filter((name) => name !== 'bakehouse' && name !== 'index');
  const { exitCode, stdout } = await bakehouse('--help');
  expect(exitCode).toBe(0);
  const [commandLines = ''] = stdout.split('Example:');
  const listed = [...commandLines.matchAll(/^ {2}([a-z][a-z-]+) +\S/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...commands, 'local-cloud'].sort());
  expect(await bakehouse()).toEqual({ exitCode, stdout, stderr: '' });
});

test.each(['plan', 'generate', 'build', 'verify', 'promote', 'cleanup', 'doctor', 'local-cloud'])(
  'bakehouse %s is the program of that name',
  async (name) => {
    const { exitCode, stdout } = await bakehouse(name, '--help');
    expect([exitCode, stdout.startsWith(`${name}: `)]).toEqual([0, true]);
  },
);

test('bakehouse jenkins runs a step, which itself runs a stage', async () => {
  const { exitCode, stderr } = await bakehouse('jenkins', 'no-such-step');
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^jenkins: /)]);
});

test.each([
  ['pln', 'did you mean plan?'],
  ['constructor', 'see bakehouse --help'],
  ['--nodes', 'see bakehouse --help'],
])('an unknown command %s is one sentence', async (name, hint) => {
  const stderr = `bakehouse: there is no command "${name}"; ${hint}\n`;
  expect(await bakehouse(name)).toEqual({ exitCode: 2, stdout: '', stderr: stderr.trim() });
});

test('--version is that of package.json', async () => {
  expect((await bakehouse('--version')).stdout).toMatch(/^bakehouse \d+\.\d+\.\d+$/);
});
