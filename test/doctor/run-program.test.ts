import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runProgram } from '../../src/doctor/run-program.ts';

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
const never = new AbortController().signal;

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

test('both outputs and the exit code of a program come back', async () => {
  const file = script('talks', 'echo "$X $1"; echo no >&2; exit 3');
  expect(await runProgram(never, file, ['a b'], { env: { X: 'y' } })).toEqual({
    kind: 'ended',
    exitCode: 3,
    stdout: 'y a b\n',
    stderr: 'no\n',
  });
});

test('a program that reads finds nothing to read', async () => {
  expect(await runProgram(never, script('reads', 'read line || echo nothing'), [])).toMatchObject({
    stdout: 'nothing\n',
  });
});

test('one that is not there, and one that may not be run, are told apart', async () => {
  expect(await runProgram(never, 'bakehouse-no-such-program', [])).toEqual({ kind: 'missing' });
  const plain = script('plain', 'echo', 0o644);
  expect(await runProgram(never, plain, [])).toEqual({ kind: 'unstartable', why: 'EACCES' });
});

test('one that hangs is killed with its children, which hold its output', async () => {
  const pidFile = join(folder, 'hangs.pid');
  const file = script('hangs', `sleep 1000 & echo $! > '${pidFile}'; wait`);
  const options = { limitMs: 1_000 };
  expect(await runProgram(never, file, [], options)).toEqual({ kind: 'hung', seconds: 1 });
  await gone(await pidIn(pidFile));
});

test('one whose child keeps its output open is no better', async () => {
  const pidFile = join(folder, 'leaves.pid');
  const file = script('leaves', `sleep 1000 & echo $! > '${pidFile}'`);
  expect(await runProgram(never, file, [], { limitMs: 1_000 })).toMatchObject({ kind: 'hung' });
  await gone(await pidIn(pidFile));
});

test('an abort kills it, and throws what the abort was for', async () => {
  const pidFile = join(folder, 'aborted.pid');
  const file = script('aborted', `echo $$ > '${pidFile}'; exec sleep 1000`);
  const abort = new AbortController();
  const ended = runProgram(abort.signal, file, []).catch((error: unknown) => error);
  const pid = await pidIn(pidFile);
  abort.abort('SIGTERM');
  expect(await ended).toBe('SIGTERM');
  await gone(pid);
});
