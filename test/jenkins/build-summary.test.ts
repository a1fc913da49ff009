import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import type { Outcome, Results } from '../../src/jenkins/node-outcomes.ts';
import { type Parameters, readParameters } from '../../src/jenkins/parameters.ts';
import { type Moment, summaryOf } from '../../src/jenkins/build-summary.ts';
import type { PlanFile } from '../../src/plan/plan-file.ts';

type Action = 'bake' | 'skip' | 'failed';

function planned(actions: Record<string, Action>): PlanFile {
  const nodes = Object.entries(actions).map(([node, action]) => ({
    node,
    action,
    reasons: [{ kind: 'any', text: action === 'failed' ? 'site.pp:3: no such class' : 'why' }],
  }));
  return {
    schema: 1,
    createdAt: '2026-01-02T03:04:05.678Z',
    region: 'us-east-1',
    manifests: { commit: 'c0ffee', dirty: false, tree: 'abc' },
    bake: nodes.filter(({ action }) => action === 'bake').map(({ node }) => node),
    nodes,
  };
}

const verified = (node: string): Outcome => ({ node, imageId: `ami-${node}`, verified: true, reasons: [] });
const failed = (node: string, reason: string): Outcome => ({ node, verified: false, reasons: [reason] });

function summary(results: Results, environment: NodeJS.ProcessEnv = {}, at: Moment = 'ended') {
  const parameters = readParameters(environment) as Parameters;
  return summaryOf(parameters, results, { at, number: '12', all: ['redis', 'web', 'db'] });
}

describe('the summary of a build', () => {
  const two = planned({ redis: 'bake', web: 'bake', db: 'skip' });

  test('names and locks the nodes that it bakes, before their bakes', () => {
    const unverified = [failed('redis', 'not yet'), failed('web', 'not yet')];
    const { build, good } = summary(
      { plan: two, outcomes: unverified },
      { PARALLEL: '2', REASON: 'CVE' },
      'planned',
    );
    expect(build).toEqual({
      schema: 1,
      name: '#12 redis, web',
      description: ['CVE', 'bakes redis, web'],
      bake: ['redis', 'web'],
      lock: ['redis', 'web'],
      cleanupLocks: ['bakehouse-redis', 'bakehouse-promote-redis', 'bakehouse-web', 'bakehouse-promote-web'],
      promoteLocks: ['bakehouse-promote-redis', 'bakehouse-promote-web'],
      promote: 'no',
      question: '',
      parallel: 2,
    });
    expect(good).toBe(true);
  });

  test('names the images when all are verified', () => {
    const { build, good } = summary({ plan: two, outcomes: [verified('redis'), verified('web')] });
    expect(build.description).toEqual(['redis: ami-redis', 'web: ami-web']);
    expect(good).toBe(true);
  });

  test('says in a few words what changed in an image', () => {
    const outcomes = [{ ...verified('redis'), contents: '1 package changed' }, verified('web')];
    const { build } = summary({ plan: two, outcomes });
    expect(build.description).toEqual(['redis: ami-redis (1 package changed)', 'web: ami-web']);
  });

  test('says how many nodes failed, which and why, and is not good', () => {
    const lost = failed('web', 'Service[nginx]: failed (site.pp:9)\nmore');
    const { build, good, rows } = summary({ plan: two, outcomes: [verified('redis'), lost] });
    expect(build.description).toEqual([
      '1 of 2 nodes failed: web',
      'redis: ami-redis',
      'web: rejected: Service[nginx]: failed (site.pp:9)',
    ]);
    expect(good).toBe(false);
    expect(rows).toEqual([
      ['redis', 'ami-redis', 'verified', ''],
      ['web', '-', 'rejected', 'Service[nginx]: failed (site.pp:9)'],
    ]);
  });

  test('says that there is nothing to bake', () => {
    const { build, good } = summary({ plan: planned({ redis: 'skip', web: 'skip' }), outcomes: [] });
    expect(build).toMatchObject({
      name: '#12',
      description: ['nothing to bake: 2 nodes unchanged'],
      bake: [],
      lock: [],
    });
    expect(good).toBe(true);
  });

  test('names a node that could not be planned, and is not good, though nothing is baked', () => {
    const { build, good } = summary({ plan: planned({ redis: 'skip', web: 'failed' }), outcomes: [] });
    expect(build.description).toEqual([
      'nothing to bake: 1 node unchanged',
      'web: not planned: site.pp:3: no such class',
    ]);
    expect(good).toBe(false);
  });

  test('of a dry run says what it would bake, and locks nothing', () => {
    const { build, good } = summary(
      { plan: two, outcomes: [failed('redis', ''), failed('web', '')] },
      { DRY_RUN: 'true' },
    );
    expect(build).toMatchObject({
      description: ['DRY_RUN is set: would bake redis, web'],
      bake: [],
      lock: [],
    });
    expect(good).toBe(true);
  });

  test('is not good without a plan', () => {
    const { build, good } = summary({ plan: { unknown: 'no plan was made' }, outcomes: [] });
    expect(build.description).toEqual(['nothing baked: no plan was made']);
    expect(good).toBe(false);
  });

  test('of a cleanup needs no plan, and locks the nodes that it cleans up', () => {
    const none: Results = { plan: { unknown: 'no plan was made' }, outcomes: [] };
    const whole = summary(none, { CLEANUP_ONLY: 'true', APPLY: 'true' });
    expect(whole.build).toMatchObject({
      name: '#12 cleanup',
      description: ['cleanup'],
      bake: [],
      lock: ['redis', 'web', 'db'],
    });
    expect(whole.good).toBe(true);
    const some = summary(none, { CLEANUP_ONLY: 'true', NODES: 'web' });
    expect(some.build).toMatchObject({
      description: [expect.stringContaining('plan only')],
      lock: ['web'],
    });
  });

  test('is good at the end only if each node to bake is verified, and each node could be planned', () => {
    const node = fc.record({
      action: fc.constantFrom<Action>('bake', 'skip', 'failed'),
      isVerified: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 30 }), (nodes) => {
        const plan = planned(Object.fromEntries(nodes.map(({ action }, index) => [`n${index}`, action])));
        const ends = new Map(nodes.map((one, index) => [`n${index}`, one.isVerified]));
        const outcomes = plan.bake.map((name) =>
          ends.get(name) === true ? verified(name) : failed(name, 'x'),
        );
        const { build, good } = summary({ plan, outcomes });
        const expected = nodes.every(
          ({ action, isVerified }) => action === 'skip' || (action === 'bake' && isVerified),
        );
        expect(good).toBe(expected);
        const bad = nodes.filter(({ action, isVerified }) => action === 'bake' && !isVerified).length;
        if (bad > 0)
          expect(build.description[0]).toMatch(new RegExp(`^${bad} of ${outcomes.length} nodes? failed`));
        expect(build.description.length).toBeLessThan(15 + nodes.length);
      }),
    );
  });
});
