import { describe, expect, test } from '@jest/globals';
import { applyFuses } from '../../src/cleanup/fuses.ts';
import { decideSnapshots, holdSnapshots } from '../../src/cleanup/snapshot-retention.ts';
import type { Retention } from '../../src/cleanup/retention.ts';
import { hour, imageOfNode, nowMs, snapshotOfNode } from '../aws/fixtures.ts';

const rules = {
  keep: new Map([
    ['redis', 1],
    ['web', 1],
  ]),
  references: new Map(),
  minAgeMs: hour,
  runningRuns: new Set<string>(),
  gone: false,
  nowMs,
  plan: undefined,
};
const orphans = (node: string, count: number, over = {}) =>
  Array.from({ length: count }, (_, at) =>
    snapshotOfNode(node, { id: `snap-${node}-${at}`, startedMs: nowMs - (count - at + 2) * hour, ...over }),
  );
const image = (node: string, snapshotIds: string[]) =>
  imageOfNode(node, { id: `ami-${node}`, snapshotIds, verified: true });

/** The snapshots that go, of the node's and of those that no image maps. */
function going(
  snapshots: ReturnType<typeof orphans>,
  retentions: Retention[],
  fuses: { maxDelete: number | undefined; half: boolean },
) {
  const [decisions = []] = applyFuses([{ retentions, plan: undefined }], { ...fuses, disableFirst: false });
  const decided = decideSnapshots(snapshots, [], rules);
  const [held = []] = holdSnapshots([{ orphans: decided, decisions }], fuses);
  const ids = (action: string) =>
    held.filter((one) => one.action === action).map(({ snapshot: { id } }) => id);
  return { goes: ids('delete'), holds: ids('hold'), held };
}

describe('the limits for snapshots whose image is gone', () => {
  test('allow as many as --max-delete says, the oldest first, and name the others', () => {
    const { goes, holds, held } = going(orphans('web', 1200), [], { maxDelete: 20, half: false });
    expect(goes).toHaveLength(20);
    expect(holds).toHaveLength(1180);
    expect(goes).toContain('snap-web-0');
    expect(held.find(({ action }) => action === 'hold')?.hold).toEqual({ fuse: 'max-delete', limit: 20 });
  });

  test('count the snapshots of deleted images', () => {
    const gone: Retention = {
      image: image('redis', ['s']),
      node: 'redis',
      action: 'delete',
      reason: { kind: 'rejected' },
    };
    expect(going(orphans('web', 3), [gone], { maxDelete: 2, half: false }).goes).toEqual(['snap-web-0']);
  });

  test("let half of a node's snapshots go, those that its images map counted", () => {
    const kept: Retention = {
      image: image('web', ['s1', 's2']),
      node: 'web',
      action: 'keep',
      reason: { kind: 'keep-tag' },
    };
    const { goes } = going([...orphans('web', 3), ...orphans('redis', 3)], [kept], {
      maxDelete: undefined,
      half: true,
    });
    expect(goes).toEqual(['snap-redis-0', 'snap-web-0', 'snap-web-1']);
  });

  test('count no backup', () => {
    const backups = orphans('web', 9, { description: 'nightly' });
    const own = snapshotOfNode('web', { id: 'snap-own' });
    expect(going([...backups, own], [], { maxDelete: undefined, half: true }).goes).toEqual([]);
    expect(going([...backups, own], [], { maxDelete: 1, half: false }).goes).toEqual(['snap-own']);
  });
});

test('the limit for a run holds over all regions, the oldest first; half of a node is half of it in the region', () => {
  const region = (node: string, startedHours: number) => {
    const startedMs = nowMs - startedHours * hour;
    return { orphans: decideSnapshots(orphans(node, 2, { startedMs }), [], rules), decisions: [] };
  };
  const regions = [region('web', 3), region('redis', 5)];
  const ids = (fuses: { maxDelete: number | undefined; half: boolean }) =>
    holdSnapshots(regions, fuses)
      .flat()
      .flatMap(({ action, snapshot: { id } }) => (action === 'delete' ? [id] : []));
  expect(ids({ maxDelete: 3, half: false })).toEqual(['snap-web-0', 'snap-redis-0', 'snap-redis-1']);
  expect(ids({ maxDelete: undefined, half: true })).toEqual(['snap-web-0', 'snap-redis-0']);
});

test('a backup stays, whatever the flags, with the reason', () => {
  const backup = snapshotOfNode('left', { description: 'nightly', run: 'run-1' });
  expect(decideSnapshots([backup], [], { ...rules, gone: true, minAgeMs: 0 })).toEqual([
    { snapshot: backup, action: 'keep', reason: { kind: 'not-ours', why: { kind: 'not-of-image' } } },
  ]);
});
