import { expect, test } from '@jest/globals';
import { untilAborted } from '../../src/cli/run-stage.ts';

const slow = () => new Promise<never>(() => undefined);

test('an answer that comes before any signal counts, and so does a failure', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(signal, Promise.resolve(1))).toBe(1);
  await expect(untilAborted(signal, Promise.reject(new Error('denied')))).rejects.toThrow('denied');
});

test('a signal ends the wait for an answer at once, with its name', async () => {
  const interruption = new AbortController();
  const waiting = untilAborted(interruption.signal, slow());
  interruption.abort('SIGTERM');
  await expect(waiting).rejects.toBe('SIGTERM');
});

test("after a signal nothing is waited for, and a late failure is nobody's", async () => {
  const interruption = new AbortController();
  interruption.abort('SIGINT');
  await expect(untilAborted(interruption.signal, slow())).rejects.toBe('SIGINT');
  const late = Promise.reject(new Error('late'));
  await expect(untilAborted(interruption.signal, late)).rejects.toBe('SIGINT');
});
