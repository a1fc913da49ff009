import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { part } from '../runs.ts';
import { differing, Judge } from './judge-sample.ts';
import type { Harmless, Touching } from './mutations/change.ts';
import { harmless } from './mutations/harmless.ts';
import { touchingData } from './mutations/touching-data.ts';
import { touchingFiles } from './mutations/touching-files.ts';
import { touchingManifests } from './mutations/touching-manifests.ts';
import { touchingOthers } from './mutations/touching-others.ts';
import { touchingPlugins } from './mutations/touching-plugins.ts';

const judge = new Judge();
let before: Map<string, string>;
beforeAll(async () => {
  before = await judge.digests();
});
afterAll(() => {
  judge.end();
});

const touching = [
  ...touchingManifests,
  ...touchingData,
  ...touchingFiles,
  ...touchingPlugins,
  ...touchingOthers,
];

test.each<Touching>(part(touching))('%s: touches %j', async (_what, nodes, ...changes) => {
  expect(differing(before, await judge.digests(...changes))).toEqual(nodes);
});

test.each<Harmless>(part(harmless))('%s: touches nothing', async (_what, ...changes) => {
  expect(differing(before, await judge.digests(...changes))).toEqual([]);
});
