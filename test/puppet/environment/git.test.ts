import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { git } from '../../../src/puppet/environment/git.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bakehouse git '));
  await git(folder, ['init', '--quiet']);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('hands bytes in and out as they are', async () => {
  const input = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 256));
  const { failed, stdout } = await git(folder, ['hash-object', '-w', '--stdin'], { input });
  expect(failed).toBe(false);
  const blob = await git(folder, ['cat-file', 'blob', stdout.toString().trim()]);
  expect(blob.stdout.equals(input)).toBe(true);
});

test('answers a failure, also of a git that reads nothing of what it is given, or that is not there', async () => {
  const input = Buffer.alloc(1_000_000);
  const { failed, stderr } = await git(folder, ['no-such-command'], { input });
  expect(failed).toBe(true);
  expect(stderr).toContain('no-such-command');
  const missing = await git(folder, ['status'], { env: { PATH: '/nonexistent' } });
  expect(missing).toEqual({ failed: true, stdout: Buffer.alloc(0), stderr: '' });
});

test('throws the reason of an abort, once git has ended', async () => {
  const aborted = new AbortController();
  // Says in a file that it was asked to end, as a git that is just writing would.
  const last =
    "trap 'sleep 0.2; echo over > over; exit' TERM; echo begun > begun; while :; do sleep 0.01; done";
  const run = git(folder, ['-c', `alias.wait=!exec sh -c "${last}"`, 'wait'], { signal: aborted.signal });
  const begun = setInterval(() => {
    void git(folder, ['hash-object', 'begun']).then(({ failed }) => {
      if (!failed) aborted.abort('SIGTERM');
    });
  }, 50);
  await expect(run).rejects.toBe('SIGTERM');
  clearInterval(begun);
  expect((await git(folder, ['hash-object', 'over'])).failed).toBe(false);
});
