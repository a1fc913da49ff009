import { describe, expect, test } from '@jest/globals';
import { earlierRuns } from '../../src/jenkins/earlier-runs.ts';
import { type Parameters, readParameters } from '../../src/jenkins/parameters.ts';
import { orderOf, type StageStep, stageSteps } from '../../src/jenkins/stage-flags.ts';
import {
  buildCommand,
  cleanupCommand,
  generateCommand,
  planCommand,
  verifyCommand,
} from '../../src/cli/commands.ts';
import { type FlagTable, parseFlags } from '../../src/cli/flags.ts';

const given = (environment: NodeJS.ProcessEnv) => readParameters(environment) as Parameters;
const order = (step: StageStep, environment: NodeJS.ProcessEnv, proved: string[] = [], ...more: string[]) => {
  const it = orderOf(step, given(environment), { proved, finished: ['jenkins-b-7'] }, more);
  return 'nothing' in it ? it.nothing : [it.stage, ...it.flags].join(' ');
};

const tables: Record<string, FlagTable> = {
  plan: planCommand.flags,
  generate: generateCommand.flags,
  build: buildCommand.flags,
  verify: verifyCommand.flags,
  cleanup: cleanupCommand.flags,
};

describe('what a step runs', () => {
  test.each<[StageStep, NodeJS.ProcessEnv, string[], string]>([
    ['plan', {}, [], 'plan --manifests templates/environment'],
    ['plan', { NODES: 'a b', FORCE: 'true' }, [], 'plan --manifests templates/environment --node a --node b --force'],
    ['plan', { CLEANUP_ONLY: 'true' }, [], 'CLEANUP_ONLY is set: nothing is planned'],
    ['generate', { NODES: 'a b', BAKEHOUSE_NODE: 'b' }, [], 'generate --plan plan.json --node b'],
    ['build', { BAKEHOUSE_NODE: 'b', MANIFESTS_DIR: 'p' }, [], 'build --plan plan.json --node b --manifests p --parallel 1'],
    ['verify', { BAKEHOUSE_NODE: 'b' }, [], 'verify --plan plan.json --node b --manifests templates/environment --boot'],
    ['cleanup', {}, [], 'no image was proved: nothing is deleted'],
    ['cleanup', { NODES: 'a b' }, ['b'], 'cleanup --node b --apply --reports results/reports'],
    ['cleanup', { KEEP: '2' }, ['b'], 'cleanup --node b --apply --keep 2 --reports results/reports'],
    ['cleanup', { DRY_RUN: 'true' }, ['b'], 'DRY_RUN is set: nothing was baked, nothing is deleted'],
    ['cleanup', { CLEANUP_ONLY: 'true' }, [], 'cleanup --reports results/reports'],
    ['cleanup', { CLEANUP_ONLY: 'true', APPLY: 'true' }, [], 'cleanup --apply --reports results/reports'],
    ['cleanup', { CLEANUP_ONLY: 'true', APPLY: 'true', DRY_RUN: 'true' }, [], 'cleanup --reports results/reports'],
    ['cleanup', { CLEANUP_ONLY: 'true', NODES: 'a' }, [], 'cleanup --node a --reports results/reports'],
    ['reap', {}, [], 'cleanup --leaks --apply --finished jenkins-b-7 --reports results/reports'],
    ['reap', { APPLY: 'true', CLEANUP_ONLY: 'true' }, [], 'cleanup --leaks --apply --finished jenkins-b-7 --reports results/reports'],
    ['reap', { CLEANUP_ONLY: 'true' }, [], 'cleanup --leaks --finished jenkins-b-7 --reports results/reports'],
    ['reap', { DRY_RUN: 'true' }, [], 'cleanup --leaks --finished jenkins-b-7 --reports results/reports'],
  ])('%s with %j, of which %j are proved: %s', (step, environment, proved, expected) => {
    expect(order(step, environment, proved)).toBe(expected);
  }); // prettier-ignore

  test("the Jenkinsfile's own flags come last", () => {
    expect(order('build', {}, [], '--timeout', '2h')).toMatch(/ --timeout 2h$/);
  });

  test.each([...stageSteps])('the stage knows the flags of %s', (step) => {
    const all = { NODES: 'a', FORCE: 'true', KEEP: '2', APPLY: 'true' };
    const it = orderOf(step, given(all), { proved: ['a'], finished: ['jenkins-b-7'] }, []);
    if ('nothing' in it) throw new Error(it.nothing);
    expect(parseFlags(tables[it.stage] ?? {}, it.flags)).toBeDefined();
  });
});

describe("the runs of a job's earlier builds", () => {
  test('are those of smaller numbers, not too many', () => {
    expect(earlierRuns('jenkins-a-b-3')).toEqual(['jenkins-a-b-1', 'jenkins-a-b-2']);
    expect(earlierRuns('jenkins-a-1')).toEqual([]);
    const many = earlierRuns('jenkins-a-1000');
    expect(many).toHaveLength(20);
    expect(many.at(-1)).toBe('jenkins-a-999');
  });

  test.each(['', 'jenkins-a', 'run-20260101t000000-abcdef', 'jenkins--', 'jenkins-a-0', 'jenkins-a-1x'])(
    '%j has none',
    (tag) => {
      expect(earlierRuns(tag)).toEqual([]);
    },
  );
});
