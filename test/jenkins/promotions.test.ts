import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../src/jenkins/node-outcomes.ts';
import { type Parameters, readParameters } from '../../src/jenkins/parameters.ts';
import { promotionOf, questionOf, recordLines } from '../../src/jenkins/promotions.ts';
import { type Moment, summaryOf } from '../../src/jenkins/build-summary.ts';
import type { PromoteRecord, RegionRecord } from '../../src/promote/promote-record.ts';
import { fc } from '../runs.ts';

const region = (name: string, imageId: string, more: Partial<RegionRecord> = {}): RegionRecord => ({
  region: name,
  imageId,
  copied: 'original',
  parameter: { name: '/bakehouse/web', version: 2, changed: true },
  accounts: [],
  ...more,
});
const record = (more: Partial<PromoteRecord> = {}): PromoteRecord => ({
  ...{ schema: 1, kind: 'promote', node: 'web', applied: true, image: 'ami-2', problems: [], notes: [] },
  regions: [region('us-east-1', 'ami-2'), region('eu-west-1', 'ami-9')],
  ...more,
});
const verified = (promotion: Outcome['promotion'], node = 'web'): Outcome => ({
  ...{ node, imageId: 'ami-2', verified: true, reasons: [] },
  ...(promotion === undefined ? {} : { promotion }),
});
const given = (environment: NodeJS.ProcessEnv) => readParameters(environment) as Parameters;
const yes = { PROMOTE: 'yes' };
const ask = { PROMOTE: 'ask' };
const approved = { PROMOTE: 'ask', BAKEHOUSE_APPROVER: 'anna' };
const dry = record({ applied: false });
const problems = ['the template web is gone'];

describe('what became of an image that was to go into service', () => {
  test.each<[string, NodeJS.ProcessEnv, Outcome['promotion'], string | undefined, boolean?]>([
    ['a build that promotes nothing', {}, record(), undefined],
    ['a dry run', { ...yes, DRY_RUN: 'true' }, record(), undefined],
    ['another branch', { ...yes, BRANCH_NAME: 'x' }, record(), undefined],
    ['in service', yes, record(), 'in service in us-east-1, eu-west-1 (ami-9)'],
    ['approved and in service', approved, record(), 'in service in us-east-1, eu-west-1 (ami-9)'],
    ['not answered', ask, dry, 'not promoted: nobody has approved it'],
    ['refused before anybody was asked', ask, { ...dry, problems }, 'not promoted: the template web is gone', true],
    ['refused', yes, record({ problems, regions: [] }), 'not promoted: the template web is gone', true],
    ['in service in one region only', yes, record({ problems, regions: [region('us-east-1', 'ami-2'), region('eu-west-1', 'ami-9', { parameter: { name: 'p', changed: false } })] }),
      'not promoted: in service only in us-east-1: the template web is gone', true],
    ['another image in service', yes, record({ image: 'ami-3' }), "not promoted: a newer one was verified meanwhile, ami-3", true],
    ['no record', yes, { unknown: 'promote did not get to its end' }, 'not promoted: promote did not get to its end', true],
    ['a record of a dry run in its place', yes, dry, 'not promoted: promote only said what it would do', true],
    ['approved, and only a record of before', approved, dry, 'not promoted: promote only said what it would do', true],
  ])('%s', (_, environment, promotion, text, failed = false) => {
    const answer = promotionOf(given(environment), verified(promotion));
    expect(answer && { text: answer.text, failed: answer.failed }).toEqual(text && { text, failed });
  }); // prettier-ignore
});

test('a person is asked about the images and regions that can go into service, and about nothing else', () => {
  const outcomes = [
    verified(dry),
    verified({ ...dry, problems }, 'redis'),
    verified({ unknown: 'x' }, 'db'),
    verified({ ...dry, regions: [region('us-east-1', 'ami-2')] }, 'mail'),
  ];
  const question = 'Put into service? web: ami-2 in us-east-1, eu-west-1; mail: ami-2 in us-east-1';
  expect(questionOf(given(ask), outcomes)).toBe(question);
  expect(questionOf(given(ask), outcomes.slice(1, 3))).toBe('');
});

test('what promote did is told for each region, with what was before', () => {
  const before = region('us-east-1', 'ami-2', { previous: 'ami-1' });
  const still = region('eu-west-1', 'ami-9', { parameter: { name: 'p', changed: false } });
  expect(
    recordLines(record({ kind: 'rollback', regions: [before, still], problems, notes: ['a note'] })),
  ).toEqual([
    'web: ami-2 back in service in us-east-1, before it ami-1',
    'web: ami-9 back in service already in eu-west-1',
    'web: the template web is gone',
    'web: a note',
  ]);
});

describe('the summary of a build that promotes', () => {
  const plan = (nodes: string[]) => ({
    ...{ schema: 1 as const, createdAt: '2026-01-02T03:04:05.678Z', region: 'us-east-1', bake: nodes },
    manifests: { commit: 'c0ffee', dirty: false, tree: 'abc' },
    nodes: nodes.map((node) => ({ node, action: 'bake' as const, reasons: [{ kind: 'any', text: 'why' }] })),
  });
  const summary = (environment: NodeJS.ProcessEnv, outcomes: Outcome[], at: Moment = 'ended') =>
    summaryOf(given(environment), { plan: plan(outcomes.map(({ node }) => node)), outcomes }, { at, number: '7', all: [] }); // prettier-ignore

  test('says for each node where it is in service, and who approved it', () => {
    const { build, good, rows } = summary(approved, [verified(record())]);
    expect(good).toBe(true);
    const where = 'in service in us-east-1, eu-west-1 (ami-9)';
    expect(build).toMatchObject({
      description: ['approved by anna', `web: ami-2 ${where}`],
      promote: 'ask',
      promoteLocks: ['bakehouse-promote-web'],
    });
    expect(rows).toEqual([['web', 'ami-2', 'promoted', where]]);
  });

  test('is not good where a node could not go into service, and names the others', () => {
    const outcomes = [verified(record()), verified(record({ problems, regions: [] }), 'redis')];
    const { build, good, rows } = summary(yes, outcomes);
    expect(good).toBe(false);
    expect(build.description).toEqual([
      '1 of 2 nodes failed: redis',
      'web: ami-2 in service in us-east-1, eu-west-1 (ami-9)',
      'redis: ami-2 not promoted: the template web is gone',
    ]);
    expect(rows.map(([, , result]) => result)).toEqual(['promoted', 'not promoted']);
  });

  test('is good where nobody approved it, and says so', () => {
    const { build, good, rows } = summary(ask, [verified(dry)]);
    expect([good, rows[0]?.[2]]).toEqual([true, 'verified']);
    expect(build.description).toEqual(['web: ami-2 not promoted: nobody has approved it']);
  });

  test('asks once it is known what would be promoted; before and after that there is no question', () => {
    const waiting = summary(ask, [verified(dry)], 'asked').build;
    expect(waiting.question).toContain('web: ami-2 in us-east-1');
    expect(waiting.description[0]).toBe('waits for somebody to approve');
    for (const at of ['planned', 'ended'] as const)
      expect(summary(ask, [verified(dry)], at).build.question).toBe('');
  });

  test('with PROMOTE=yes is good only if each node is in service with the image of this build', () => {
    const promotion = fc.record({
      applied: fc.boolean(),
      image: fc.constantFrom('ami-2', 'ami-3', undefined),
      problems: fc.constantFrom<string[]>([], problems),
    });
    fc.assert(
      fc.property(fc.array(promotion, { minLength: 1, maxLength: 5 }), (all) => {
        const outcomes = all.map((one, index) => verified(record(one), `n${index}`));
        const fine = all.every((one) => one.applied && one.image === 'ami-2' && one.problems.length === 0);
        expect(summary(yes, outcomes).good).toBe(fine);
      }),
    );
  });
});
