import { describe, expect, test } from '@jest/globals';
import { applyFuses, type Fuses } from '../../src/cleanup/fuses.ts';
import type { Retention } from '../../src/cleanup/retention.ts';
import { savings } from '../../src/cleanup/closing-lines.ts';
import { hour, imageOfNode, nowMs } from '../aws/fixtures.ts';

const none: Fuses = { maxDelete: undefined, half: false, plan: undefined, disableFirst: false };
const image = (id: string, age: number, over = {}) =>
  imageOfNode('redis', { id, createdMs: nowMs - age * hour, ...over });
const goes = (id: string, age: number, over = {}): Retention => ({ image: image(id, age, over), node: 'redis', action: 'delete', reason: { kind: 'rejected' } }); // prettier-ignore
const stays = (id: string): Retention => ({ image: image(id, 1), node: 'redis', action: 'keep', reason: { kind: 'keep-tag' } }); // prettier-ignore
const fused = (regions: Retention[][], fuses: Partial<Fuses>) =>
  applyFuses(
    regions.map((retentions) => ({ retentions, plan: fuses.plan })),
    { ...none, ...fuses },
  );
const told = (regions: Retention[][], fuses: Partial<Fuses>) =>
  fused(regions, fuses)
    .flat()
    .map(({ image: { id }, action, hold }) => [id, action, ...(hold ? [hold.fuse] : [])].join(' '));
const plan = (...entries: [string, 'delete' | 'disable'][]) => ({ plan: new Map(entries) });

describe('the fuses', () => {
  test.each<[string, Retention[], Partial<Fuses>, string[]]>([
    ['let all go where there are none', [goes('a', 1), goes('b', 2)], {}, ['a delete', 'b delete']],
    ['let the oldest go first', [goes('a', 1), goes('c', 3), goes('b', 2)], { maxDelete: 2 }, ['a hold max-delete', 'c delete', 'b delete']],
    ['of the same age by id', [goes('b', 1), goes('a', 1)], { maxDelete: 1 }, ['b hold max-delete', 'a delete']],
    ['half of three is one', [goes('a', 1), goes('b', 2), stays('c')], { half: true }, ['a hold half-of-node', 'b delete', 'c keep']],
    ['half of one is none', [goes('a', 1)], { half: true }, ['a hold half-of-node']],
    ['what half of a node holds back does not count for the run', [goes('a', 9), goes('b', 8), { ...goes('w', 1), node: 'web' }, { ...stays('x'), node: 'web' }], { half: true, maxDelete: 2 }, ['a delete', 'b hold half-of-node', 'w delete', 'x keep']],
    ['an image that only bears the name is no image of the node', [goes('a', 1), { ...stays('b'), reason: { kind: 'untagged', node: 'redis' } }], { half: true }, ['a hold half-of-node', 'b keep']],
    ['a plan is a limit', [goes('a', 1), goes('b', 2)], plan(['b', 'delete'], ['z', 'delete']), ['a hold not-in-plan', 'b delete']],
    ['where a plan disables, nothing is deleted', [goes('a', 1)], plan(['a', 'disable']), ['a hold not-in-plan']],
    ['where a plan deletes, disabling is less', [goes('a', 1)], { ...plan(['a', 'delete']), disableFirst: true }, ['a disable']],
    ['only what is available is disabled first', [goes('a', 1), goes('b', 2, { state: 'disabled' }), goes('c', 3, { state: 'failed' })], { disableFirst: true }, ['a disable', 'b delete', 'c delete']],
    ['what is disabled counts as well', [goes('a', 1), goes('b', 2)], { disableFirst: true, maxDelete: 1 }, ['a hold max-delete', 'b disable']],
  ])('%s', (_, retentions, fuses, expected) => {
    expect(told([retentions], fuses)).toEqual(expected);
  }); // prettier-ignore

  test('let the oldest of all regions go first, and count them together', () => {
    const regions = [[goes('a', 1), goes('d', 4)], [goes('b', 2), goes('c', 3)]];
    expect(told(regions, { maxDelete: 2 })).toEqual(['a hold max-delete', 'd delete', 'b hold max-delete', 'c delete']);
  }); // prettier-ignore

  test('let half of what a node has in each region go', () => {
    const regions = [[goes('a', 1), goes('b', 2)], [goes('c', 3)], [goes('d', 3), stays('e')]];
    expect(told(regions, { half: true })).toEqual(['a hold half-of-node', 'b delete', 'c hold half-of-node', 'd delete', 'e keep']);
  }); // prettier-ignore
});

describe('the savings', () => {
  const snapshots = ['s1', 's2', 's3'].map((id, index) => ({ id, node: 'redis', run: '', startedMs: 0, state: 'completed', size: 10 * (index + 1), keepTag: false, description: '', strayTag: undefined })); // prettier-ignore
  const decisions = fused([[goes('a', 1, { snapshotIds: ['s1', 's2', 'foreign'] }), { ...stays('b'), image: image('b', 1, { snapshotIds: ['s2'] }) }]], none).flat(); // prettier-ignore

  test('of a plan are those of its snapshots that no image needs which stays', () => {
    const planned = savings(
      { decisions, snapshotDecisions: [], snapshots, outcomes: new Map() },
      { price: 0.1, apply: false },
    );
    expect(planned).toEqual({ snapshots: 1, gib: 10, perMonth: 1, price: 0.1 });
  });

  test('of a cleanup are those of what it deleted, each once', () => {
    const outcome = { kind: 'deleted' as const, deletedSnapshots: ['s1', 's3'], keptSnapshots: [] };
    const outcomes = new Map([['a', outcome], ['s3', { ...outcome, deletedSnapshots: ['s3'] }]]); // prettier-ignore
    const found = { decisions, snapshotDecisions: [], snapshots, outcomes };
    const done = savings(found, { price: 0.05, apply: true });
    expect(done).toEqual({ snapshots: 2, gib: 40, perMonth: 2, price: 0.05 });
  });
});
