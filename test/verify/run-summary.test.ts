import { expect, test } from '@jest/globals';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { runSummary, summaryLines } from '../../src/verify/verify-result.ts';
import type { ResourceOutcome } from '../../src/verify/verdict.ts';
import { baked, evidenceOf, reportText } from './evidence.ts';

const resource = (name: string, containedIn: string[], seconds: number): ResourceOutcome => ({
  resource: name,
  containedIn,
  result: 'unchanged',
  seconds,
  messages: [],
});

test('the slowest resources come first, ten at most, and none that took no time', () => {
  const resources = Array.from({ length: 20 }, (_, index) => resource(`File[${index}]`, [], index / 1000));
  const { slowest } = runSummary(resources);
  expect(slowest.map(({ seconds }) => seconds)).toEqual([
    0.019, 0.018, 0.017, 0.016, 0.015, 0.014, 0.013, 0.012, 0.011, 0.01,
  ]);
  expect(runSummary(resources.slice(0, 1)).slowest).toEqual([]);
});

test('the time of a class is that of what it holds itself', () => {
  const { slowestClasses } = runSummary([
    resource('A[1]', ['Stage[main]', 'Redis'], 1),
    resource('A[2]', ['Stage[main]', 'Redis'], 0.5),
    resource('A[3]', ['Stage[main]', 'Redis', 'Redis::Conf[a]'], 2),
    resource('Schedule[puppet]', [], 0.25),
  ]);
  expect(slowestClasses).toEqual([
    { name: 'Redis::Conf[a]', seconds: 2, resources: 1 },
    { name: 'Redis', seconds: 1.5, resources: 2 },
    { name: "Puppet's own", seconds: 0.25, resources: 1 },
  ]);
});

test('a person reads counts, and seconds with the place in the manifest', () => {
  const lines = summaryLines(judgeRun('redis', baked, evidenceOf(reportText('failed'))));
  expect(lines[1]).toBe('redis: 1 changed, 8 unchanged, 1 failed, 1 skipped');
  expect(lines).toContain('       0.023 s  Exec[start redis]  modules/redis/manifests/init.pp:11');
  expect(lines).toContain('       0.026 s  Redis (4)');
});

test('a node of which nothing is known has no summary', () => {
  const missing = { missing: 'no-report', message: 'none' } as const;
  expect(summaryLines(judgeRun('redis', baked, { report: missing, console: '' }))).toEqual([]);
});
