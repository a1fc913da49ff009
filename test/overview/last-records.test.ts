import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lastPlanOf, planToShow } from '../../src/overview/last-records.ts';
import type { PlanFile } from '../../src/plan/plan-file.ts';
import { nowMs } from '../aws/fixtures.ts';

const plan: PlanFile = {
  ...{ schema: 1, createdAt: new Date(nowMs).toISOString(), region: 'us-east-1', bake: [] },
  manifests: { commit: 'abc', dirty: true, tree: 't' },
  nodes: [{ node: 'redis', action: 'skip', reasons: [{ kind: 'unchanged', text: 'nothing has changed' }] }],
};

const fileOf = (content: object) => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const ignore = () => undefined;

test('a decision is shown with its reasons, its time and its commit', () => {
  expect(lastPlanOf('redis', plan, undefined)).toEqual({
    ...{
      action: 'skip',
      reasons: ['nothing has changed'],
      madeMs: nowMs,
      commit: 'abc-dirty',
      bakedSince: false,
    },
  });
  expect(lastPlanOf('web', plan, undefined)).toBeUndefined();
  expect(lastPlanOf('redis', undefined, undefined)).toBeUndefined();
});

test.each([
  [false, -60_000],
  [true, 0],
  [true, 60_000],
])('that the node was baked since is %s for an image of %i ms after the plan', (isSince, ms) => {
  expect(lastPlanOf('redis', plan, nowMs + ms)?.bakedSince).toBe(isSince);
});

test('the plan that is named is shown if it is of this region', async () => {
  expect(await planToShow(fileOf(plan), 'us-east-1', ignore)).toMatchObject({ region: 'us-east-1' });
  const elsewhere = planToShow(fileOf(plan), 'eu-west-1', ignore);
  await expect(elsewhere).rejects.toThrow('is of us-east-1, and AWS_REGION is eu-west-1');
  await expect(elsewhere).rejects.toMatchObject({ exitCode: 2 });
  await expect(planToShow(fileOf({}), 'us-east-1', ignore)).rejects.toMatchObject({ exitCode: 2 });
  await expect(planToShow('/nowhere/plan.json', 'us-east-1', ignore)).rejects.toMatchObject({ exitCode: 2 });
});

test('the usual plan may be missing or of another region; one that cannot be read is said', async () => {
  const before = process.cwd();
  const said: string[] = [];
  const note = (line: string) => void said.push(line);
  try {
    process.chdir(mkdtempSync(join(tmpdir(), 'plan-')));
    expect(await planToShow(undefined, 'us-east-1', note)).toBeUndefined();
    expect(said).toEqual([]);
    writeFileSync('plan.json', JSON.stringify(plan));
    expect(await planToShow(undefined, 'us-east-1', note)).toMatchObject({ region: 'us-east-1' });
    expect(await planToShow(undefined, 'eu-west-1', note)).toBeUndefined();
    expect(said).toEqual([]);
    for (const text of ['{}', JSON.stringify({ ...plan, region: null })]) {
      writeFileSync('plan.json', text);
      expect(await planToShow(undefined, 'us-east-1', note)).toBeUndefined();
    }
    expect(said).toHaveLength(2);
  } finally {
    process.chdir(before);
  }
});
