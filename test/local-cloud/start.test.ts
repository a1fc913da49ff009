import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { beforeBuild, demoSteps, serverSteps, type Step } from '../../src/local-cloud/demo/steps.ts';

async function start(args: string[], user: string[] = []) {
  const [command = '', ...rest] = [
    ...user,
    process.execPath,
    '--import',
    'tsx',
    'src/local-cloud/start.ts',
    ...args,
  ];
  return execa(command, rest, { reject: false, stdin: 'ignore' });
}

describe('npm start', () => {
  test('explains itself', async () => {
    const end = await start(['--help']);
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(end.stdout).toContain('npm start -- --node redis');
  });

  test('refuses a flag that it does not know with exit code 2 and one sentence', async () => {
    const end = await start(['--nodde', 'x']);
    expect(end).toMatchObject({ exitCode: 2, stdout: '' });
    expect(end.stderr).toMatch(/^npm start: .*--nodde/);
    expect(end.stderr).not.toMatch(/\n\s+at /);
  });

  test('says at once that it needs root, with exit code 4', async () => {
    // A user namespace without a mapping: nobody by number, and still allowed to read the checkout.
    const end = await start([], ['unshare', '--user']);
    expect(end).toMatchObject({ exitCode: 4, stdout: '' });
    expect(end.stderr).toMatch(/^npm start: this user is not root: [^\n]*$/);
  });
});

test('the demonstration runs the stages in their order, and deletes only at its end', () => {
  const steps = demoSteps(['redis'], 'redis', '/copy');
  const short = steps.map((step) => ('stage' in step ? step.stage : 'change' in step ? 'change' : ''));
  expect(short.join(' ')).toBe(
    'plan generate build verify plan change plan generate build verify cleanup cleanup',
  );
  const args = steps.map((step) => ('args' in step ? step.args : []));
  expect(args.findIndex((some) => some.includes('--apply'))).toBe(steps.length - 1);
  // Whoever does not name the node takes it from the plan.
  for (const [index, some] of args.entries()) {
    if (short[index] !== 'change') expect(some.includes('redis') || some.includes('plan.json')).toBe(true);
    if (['plan', 'build'].includes(short[index] ?? '')) expect(some).toContain('/copy');
  }
});

test('without Packer the demonstration ends before its first build, with a Puppet server as well', () => {
  const stagesOf = (steps: Step[]) => beforeBuild(steps).map((step) => ('stage' in step ? step.stage : step));
  expect(stagesOf(demoSteps([], 'redis', '/copy'))).toEqual(['plan', 'generate']);
  expect(stagesOf(serverSteps(['redis'], '/ca'))).toEqual(['generate']);
});
