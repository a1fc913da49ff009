import { expect, test } from '@jest/globals';
import { keepHistory } from '../../../src/local-cloud/faults/history.ts';
import { firstAccount } from '../../../src/local-cloud/state/first-account.ts';

test('a history shows the state before the writes of the last seconds, and those under way', () => {
  let now = 0;
  const history = keepHistory(() => now);
  const state = firstAccount();
  const seen = (seconds: number) => Object.keys(history.before(seconds)?.tags ?? state.tags);
  const write = (name: string) => {
    const written = history.note(state, 10);
    state.tags[name] = {};
    return written;
  };
  expect(history.before(10)).toBeUndefined();
  write('a')();
  now = 5000;
  const written = write('b');
  now = 8000;
  expect([seen(1), seen(7), seen(9)]).toEqual([['a'], ['a'], []]);
  written();
  expect([seen(1), seen(0)]).toEqual([['a'], ['a', 'b']]);
  now = 17_000;
  expect([seen(8), seen(10)]).toEqual([['a', 'b'], ['a']]);
  history.note(state, 0)();
  expect(seen(60)).toEqual(['a', 'b']);
});
