import type { ImageDecision, Fuses, Hold } from './fuses.ts';
import type { Image, Snapshot } from '../aws/images.ts';
import { type NotOurSnapshot, whySnapshotIsNotOurs } from '../aws/ours.ts';
import type { Reference, References } from '../references/reference.ts';

/** Why a snapshot without an image stays or goes. `orphan`: nothing keeps it. */
export type SnapshotReason =
  | { kind: 'orphan' }
  | { kind: 'not-ours'; why: NotOurSnapshot }
  | { kind: 'unknown-node' }
  | { kind: 'keep-tag' }
  | { kind: 'in-use'; users: readonly Reference[] }
  | { kind: 'young' }
  | { kind: 'going-on'; run: string }
  | { kind: 'state'; state: string }
  | { kind: 'not-in-plan' };

/** What is to become of a snapshot whose image is gone, as after a cleanup that was interrupted. */
export interface SnapshotDecision {
  snapshot: Snapshot;
  action: 'keep' | 'hold' | 'delete';
  reason: SnapshotReason;
  hold?: Hold;
}

/** What {@link decideSnapshots} depends on, with the names of retention's rules. */
interface SnapshotRules {
  keep: ReadonlyMap<string, number>;
  references: References;
  minAgeMs: number;
  runningRuns: ReadonlySet<string>;
  gone: boolean;
  nowMs: number;
  /** What the plan of `--cleanup-plan` deletes; undefined: there is none. */
  plan: ReadonlySet<string> | undefined;
}

/** Decides for each snapshot with our tags that none of this account's images maps, in the order of their ids. */
export function decideSnapshots(
  snapshots: readonly Snapshot[],
  images: readonly Image[],
  rules: SnapshotRules,
): SnapshotDecision[] {
  const mapped = new Set(images.flatMap(({ snapshotIds }) => snapshotIds));
  return snapshots
    .filter(({ id }) => !mapped.has(id))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((snapshot) => {
      const why = whySnapshotIsNotOurs(snapshot, images);
      const stays = why === undefined ? whyItStays(snapshot, rules) : ({ kind: 'not-ours', why } as const);
      return { snapshot, action: stays ? 'keep' : 'delete', reason: stays ?? { kind: 'orphan' } };
    });
}

function whyItStays(snapshot: Snapshot, rules: SnapshotRules): SnapshotReason | undefined {
  const { id, node, run, state, startedMs } = snapshot;
  const users = rules.references.get(id) ?? [];
  if (users.length > 0) return { kind: 'in-use', users };
  if (snapshot.keepTag) return { kind: 'keep-tag' };
  if (!rules.gone && !rules.keep.has(node)) return { kind: 'unknown-node' };
  if (state !== 'completed' && state !== 'error') return { kind: 'state', state };
  // Also without a date: whether its bake has ended is not known.
  if (startedMs === undefined || rules.nowMs - startedMs < rules.minAgeMs) return { kind: 'young' };
  if (rules.runningRuns.has(run)) return { kind: 'going-on', run };
  return rules.plan?.has(id) === false ? { kind: 'not-in-plan' } : undefined;
}

/** What was decided in a region. */
interface RegionSnapshots {
  orphans: readonly SnapshotDecision[];
  decisions: readonly ImageDecision[];
}

/**
 * Holds back what exceeds the fuses, as for images: the oldest go first over all regions, what is left of `maxDelete`
 * after the images, and at most half of a node's snapshots in a region.
 */
export function holdSnapshots(
  regions: readonly RegionSnapshots[],
  { maxDelete, half }: Pick<Fuses, 'maxDelete' | 'half'>,
): SnapshotDecision[][] {
  const holds = new Map<SnapshotDecision, Hold>();
  let all = regions
    .flatMap(({ decisions }) => decisions)
    .filter(({ action }) => action === 'delete' || action === 'disable').length;
  const going = regions
    .flatMap(({ orphans, decisions }) => {
      const totals = snapshotsOfNodes(orphans, decisions);
      const ofNode = new Map<string, number>();
      return orphans
        .filter(({ action }) => action === 'delete')
        .map((decision) => ({ decision, snapshot: decision.snapshot, totals, ofNode }));
    })
    .sort(oldestFirst);
  for (const { decision, snapshot, totals, ofNode } of going) {
    const { node } = snapshot;
    const total = totals.get(node)?.size ?? 0;
    const limit = Math.floor(total / 2);
    const before = ofNode.get(node) ?? 0;
    if (half && before >= limit) holds.set(decision, { fuse: 'half-of-node', limit, total });
    else if (maxDelete !== undefined && all >= maxDelete)
      holds.set(decision, { fuse: 'max-delete', limit: maxDelete });
    else {
      ofNode.set(node, before + 1);
      all++;
    }
  }
  return regions.map(({ orphans }) =>
    orphans.map((one): SnapshotDecision => {
      const hold = holds.get(one);
      return hold === undefined ? one : { ...one, action: 'hold', hold };
    }),
  );
}

function snapshotsOfNodes(orphans: readonly SnapshotDecision[], decisions: readonly ImageDecision[]) {
  const all = [
    ...orphans.filter(({ reason }) => reason.kind !== 'not-ours').map(({ snapshot }) => snapshot),
    ...decisions
      .filter(({ reason }) => reason.kind !== 'not-ours' && reason.kind !== 'untagged')
      .flatMap(({ node, image }) => image.snapshotIds.map((id) => ({ node, id }))),
  ];
  const ofNode = new Map<string, Set<string>>();
  for (const { node, id } of all) ofNode.set(node, (ofNode.get(node) ?? new Set()).add(id));
  return ofNode;
}

function oldestFirst(
  { snapshot: a }: Pick<SnapshotDecision, 'snapshot'>,
  { snapshot: b }: Pick<SnapshotDecision, 'snapshot'>,
): number {
  return (a.startedMs ?? 0) - (b.startedMs ?? 0) || (a.id < b.id ? -1 : 1);
}
