import { describe, expect, test } from '@jest/globals';
import { buildCommand } from '../../src/build.ts';
import { cleanupCommand } from '../../src/cleanup.ts';
import { type FlagTable, parseFlags } from '../../src/cli/flags.ts';
import { generateCommand } from '../../src/generate.ts';
import { type Parameters, readParameters } from '../../src/jenkins/parameters.ts';
import { earlierRuns, stageRun, type StageStep, stageSteps } from '../../src/jenkins/stage-run.ts';
import { promoteCommand } from '../../src/promote.ts';
import { reportCommand } from '../../src/report.ts';
import { planCommand } from '../../src/plan.ts';
import { verifyCommand } from '../../src/verify.ts';

const given = (environment: NodeJS.ProcessEnv) => readParameters(environment) as Parameters;
const runText = (
  step: StageStep,
  environment: NodeJS.ProcessEnv,
  verified: string[] = [],
  ...more: string[]
) => {
  const run = stageRun(step, given(environment), { verified, finished: ['jenkins-b-7'] }, more);
  return 'nothing' in run ? run.nothing : [run.stage, ...run.flags].join(' ');
};

const tables: Record<string, FlagTable> = {
  plan: planCommand.flags,
  generate: generateCommand.flags,
  build: buildCommand.flags,
  verify: verifyCommand.flags,
  promote: promoteCommand.flags,
  cleanup: cleanupCommand.flags,
  report: reportCommand.flags,
};

describe('what a step runs', () => {
  test.each<[StageStep, NodeJS.ProcessEnv, string[], string]>([
    ['plan', {}, [], 'plan --manifests templates/environment'],
    ['plan', { NODES: 'a b', FORCE: 'true' }, [], 'plan --manifests templates/environment --node a --node b --force'],
    ['plan', { CLEANUP_ONLY: 'true' }, [], 'CLEANUP_ONLY is set: nothing is planned'],
    ['generate', { NODES: 'a b', BAKEHOUSE_NODE: 'b' }, [], 'generate --plan plan.json --node b'],
    ['build', { BAKEHOUSE_NODE: 'b', MANIFESTS_DIR: 'p' }, [], 'build --plan plan.json --node b --manifests p --parallel 1'],
    ['verify', { BAKEHOUSE_NODE: 'b' }, [], 'verify --plan plan.json --node b --manifests templates/environment --boot'],
    ['verify', { BAKEHOUSE_NODE: 'b', BAKEHOUSE_NODES: 'x/n.yaml' }, [], 'verify --nodes x/n.yaml --plan plan.json --node b --manifests templates/environment --boot'],
    ['plan', { BAKEHOUSE_ARCHIVE: 's3://b/p' }, [], 'plan --manifests templates/environment --archive s3://b/p'],
    ['build', { BAKEHOUSE_NODE: 'b', BAKEHOUSE_ARCHIVE: '/a' }, [], 'build --plan plan.json --node b --manifests templates/environment --parallel 1 --archive /a'],
    ['verify', { BAKEHOUSE_NODE: 'b', BAKEHOUSE_ARCHIVE: '/a' }, [], 'verify --plan plan.json --node b --manifests templates/environment --boot --archive /a'],
    ['promote', { PROMOTE: 'ask', BAKEHOUSE_ARCHIVE: '/a' }, ['b'], 'promote --plan results/plan.json --node b --reports results/reports --archive /a'],
    ['leftovers', { BAKEHOUSE_NODES: 'x/n.yaml' }, [], 'cleanup --nodes x/n.yaml --leaks --apply --finished jenkins-b-7 --reports results/reports'],
    ['promote', {}, ['b'], 'PROMOTE is no: nothing is promoted'],
    ['promote', { PROMOTE: 'yes' }, [], 'no image was verified: nothing is promoted'],
    ['promote', { PROMOTE: 'yes', NODES: 'a b' }, ['b'], 'promote --plan results/plan.json --node b --apply --reports results/reports'],
    ['promote', { PROMOTE: 'ask' }, ['a', 'b'], 'promote --plan results/plan.json --node a --node b --reports results/reports'],
    ['promote', { PROMOTE: 'ask', BAKEHOUSE_APPROVER: 'anna' }, ['b'], 'promote --plan results/plan.json --node b --apply --reports results/reports'],
    ['promote', { PROMOTE: 'yes', DRY_RUN: 'true' }, ['b'], 'DRY_RUN is set: nothing is promoted'],
    ['promote', { PROMOTE: 'yes', BRANCH_NAME: 'PR-7' }, ['b'], 'branch PR-7 is not main: nothing is promoted'],
    ['promote', { PROMOTE: 'yes', CLEANUP_ONLY: 'true', APPLY: 'true' }, ['b'], 'CLEANUP_ONLY is set: nothing is promoted'],
    ['cleanup', {}, [], 'no image was verified: nothing is deleted'],
    ['cleanup', { NODES: 'a b' }, ['b'], 'cleanup --node b --apply --reports results/reports'],
    ['cleanup', { KEEP: '2' }, ['b'], 'cleanup --node b --apply --keep 2 --reports results/reports'],
    ['cleanup', { DRY_RUN: 'true' }, ['b'], 'DRY_RUN is set: nothing was baked, nothing is deleted'],
    ['cleanup', { CLEANUP_ONLY: 'true' }, [], 'cleanup --reports results/reports'],
    ['cleanup', { CLEANUP_ONLY: 'true', APPLY: 'true' }, [], 'cleanup --apply --reports results/reports'],
    ['cleanup', { CLEANUP_ONLY: 'true', APPLY: 'true', DRY_RUN: 'true' }, [], 'cleanup --reports results/reports'],
    ['cleanup', { CLEANUP_ONLY: 'true', NODES: 'a' }, [], 'cleanup --node a --reports results/reports'],
    ['leftovers', {}, [], 'cleanup --leaks --apply --finished jenkins-b-7 --reports results/reports'],
    ['leftovers', { APPLY: 'true', CLEANUP_ONLY: 'true' }, [], 'cleanup --leaks --apply --finished jenkins-b-7 --reports results/reports'],
    ['leftovers', { CLEANUP_ONLY: 'true' }, [], 'cleanup --leaks --finished jenkins-b-7 --reports results/reports'],
    ['report', { BAKEHOUSE_ARCHIVE: 's3://kept/images' }, [], 'report --out results/site --reports results/reports --archive s3://kept/images'],
    ['report', { CLEANUP_ONLY: 'true' }, [], 'report --out results/site --reports results/reports'],
    ['leftovers', { DRY_RUN: 'true' }, [], 'cleanup --leaks --finished jenkins-b-7 --reports results/reports'],
  ])('%s with %j, of which %j are verified: %s', (step, environment, verified, expected) => {
    expect(runText(step, environment, verified)).toBe(expected);
  }); // prettier-ignore

  test('report shows the plan of the build, where it has one', () => {
    const run = stageRun('report', given({}), { verified: [], finished: [], hasPlan: true }, []);
    expect(run).toMatchObject({ flags: expect.arrayContaining(['--plan', 'results/plan.json']) });
  });

  test("the Jenkinsfile's own flags come last", () => {
    expect(runText('build', {}, [], '--timeout', '2h')).toMatch(/ --timeout 2h$/);
  });

  test.each([...stageSteps])('the stage knows the flags of %s', (step) => {
    const all = {
      BAKEHOUSE_NODES: 'n.yaml',
      NODES: 'a',
      FORCE: 'true',
      KEEP: '2',
      APPLY: 'true',
      PROMOTE: 'yes',
    };
    const run = stageRun(step, given(all), { verified: ['a'], finished: ['jenkins-b-7'] }, []);
    if ('nothing' in run) throw new Error(run.nothing);
    expect(parseFlags(tables[run.stage] ?? {}, run.flags)).toBeDefined();
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
