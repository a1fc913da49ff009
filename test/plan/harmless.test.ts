import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { part } from '../runs.ts';
import { differing, Judge } from './judge-sample.ts';
import { harmless } from './mutations/harmless.ts';
import type { Harmless } from './mutations/change.ts';

const judge = new Judge();
let before: Map<string, string>;
beforeAll(async () => {
  before = await judge.digests();
}, 60_000);
afterAll(() => {
  judge.end();
});

test.each<Harmless>(part(harmless))(
  '%s: touches nothing',
  async (_what, ...changes) => {
    expect(differing(before, await judge.digests(...changes))).toEqual([]);
  },
  60_000,
);
