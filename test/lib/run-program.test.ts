import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runProgram, startTicks } from '../../src/lib/run-program.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakehouse-program-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const script = (name: string, text: string, mode = 0o755) => {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, mode);
  return file;
};

/** Once there is nothing of this process any more. */
async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}/stat`)) {
    // A zombie is dead; whoever adopted it may be slow to notice.
    if (/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    await pause(20);
  }
}
async function pidIn(file: string): Promise<number> {
  while (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') await pause(20);
  return Number(readFileSync(file, 'utf8'));
}

test('answers both outputs and the exit code of a program', async () => {
  const file = script('talks', 'echo "$X $1"; echo no >&2; exit 3');
  expect(await runProgram(file, ['a b'], { env: { X: 'y' } })).toEqual({
    exitCode: 3,
    stdout: 'y a b\n',
    stderr: 'no\n',
  });
});

test('gives a program nothing to read, or what it is given', async () => {
  const file = script('reads', 'read line && echo "got $line" || echo nothing');
  expect(await runProgram(file, [])).toMatchObject({ stdout: 'nothing\n' });
  expect(await runProgram(file, [], { input: 'a\n' })).toMatchObject({ stdout: 'got a\n' });
  expect(await runProgram(file, [], { inputFile: file })).toMatchObject({ stdout: 'got #!/bin/sh\n' });
});

test('tells a program that is not there from one that may not be run, and from one that a signal ended', async () => {
  expect(await runProgram('bakehouse-no-such-program', [])).toMatchObject({ failure: 'missing' });
  const plain = script('plain', 'echo', 0o644);
  expect(await runProgram(plain, [])).toMatchObject({ exitCode: undefined, failure: 'EACCES' });
  expect(await runProgram(script('dies', 'kill -9 $$'), [])).toMatchObject({ failure: 'killed' });
});

test.each([
  ['hangs', "sleep 1000 & echo $! > 'PID'; wait"],
  ['leaves a child that keeps its output open', "sleep 1000 & echo $! > 'PID'"],
  [
    'ignores the signal to end',
    "trap '' TERM; (trap '' TERM; exec sleep 1000) & echo $! > 'PID'; wait; wait",
  ],
])('kills a program that %s, with its children, once its time has passed', async (name, text) => {
  const pidFile = join(folder, `${name}.pid`);
  const file = script(name, `echo before; ${text.replace('PID', pidFile)}`);
  const end = await runProgram(file, [], { timeoutMs: 500 });
  expect(end).toMatchObject({ exitCode: undefined, failure: 'hung', stdout: 'before\n' });
  await gone(await pidIn(pidFile));
});

test('kills a program when its signal is aborted, and throws the reason once it is gone', async () => {
  const pidFile = join(folder, 'aborted.pid');
  const file = script('aborted', `echo $$ > '${pidFile}'; exec sleep 1000`);
  const abort = new AbortController();
  const ended = runProgram(file, [], { signal: abort.signal }).catch((error: unknown) => error);
  const pid = await pidIn(pidFile);
  abort.abort('SIGTERM');
  expect(await ended).toBe('SIGTERM');
  expect(startTicks(pid)).toBeUndefined();
});

test('starts nothing when its signal is aborted while the runner is still being loaded', async () => {
  const file = script('late', `touch '${join(folder, 'late.ran')}'; exec sleep 1000`);
  const abort = new AbortController();
  const ended = runProgram(file, [], { signal: abort.signal }).catch((error: unknown) => error);
  abort.abort('SIGINT');
  expect(await ended).toBe('SIGINT');
  expect(existsSync(join(folder, 'late.ran'))).toBe(false);
});

test('kills also a child that closed its output and ignores the signal to end', async () => {
  const pidFile = join(folder, 'silent.pid');
  const child = `trap '' TERM; echo $$ > '${pidFile}'; while :; do sleep 1; done`;
  const file = script('silent', `sh -c "${child.replaceAll('$', String.raw`\$`)}" >/dev/null 2>&1 & wait`);
  expect(await runProgram(file, [], { timeoutMs: 500 })).toMatchObject({ failure: 'hung' });
  await gone(await pidIn(pidFile));
});

test('startTicks tells a process from a later one of the same number', () => {
  const own = startTicks(process.pid);
  expect(own).toBeGreaterThan(0);
  expect(startTicks(process.pid)).toBe(own);
  expect(startTicks(2 ** 30)).toBeUndefined();
});
