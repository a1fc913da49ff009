import type { Image } from '../aws/images.ts';
import { newestByDate, type Retention } from './retention.ts';

/** Why an image that may be deleted stays for now. */
export type Hold =
  | { fuse: 'not-in-plan' }
  | { fuse: 'half-of-node'; limit: number; total: number }
  | { fuse: 'max-delete'; limit: number };

/** What this run does about an image: what {@link Retention} says, unless a fuse holds it. */
export interface ImageDecision extends Omit<Retention, 'action'> {
  action: 'keep' | 'hold' | 'disable' | 'delete';
  hold?: Hold;
}

/** The most that one run may do. */
export interface Fuses {
  /** How many images, and snapshots without an image, a run deletes; undefined: any number. */
  maxDelete: number | undefined;
  /** Never more than half of a node's images, nor of its snapshots. */
  half: boolean;
  /** What the plan of `--cleanup-plan` says, by the image's id; undefined: there is none. */
  plan: ReadonlyMap<string, 'disable' | 'delete'> | undefined;
  /** An available image is disabled first. */
  disableFirst: boolean;
}

/** What a region's images would become without fuses, and what limits it there. */
export interface RegionRetentions {
  retentions: readonly Retention[];
  /** As {@link Fuses} has it, of this region. */
  plan: Fuses['plan'];
}

/**
 * Holds back what exceeds the fuses: the oldest images go first, over all nodes and regions. Half of a node's images is
 * half of those in the region. What {@link Retention} keeps stays as it is. Answers in the order given.
 */
export function applyFuses(
  regions: readonly RegionRetentions[],
  { maxDelete, half, disableFirst }: Omit<Fuses, 'plan'>,
): ImageDecision[][] {
  const chosen = new Map<Retention, 'disable' | 'delete' | Hold>();
  let all = 0;
  const going = regions
    .flatMap(({ retentions, plan }) => {
      const totals = totalsOf(retentions);
      const ofNode = new Map<string, number>();
      return retentions
        .filter(({ action }) => action === 'delete')
        .map((retention) => ({ retention, image: retention.image, plan, totals, ofNode }));
    })
    .sort(oldestFirst);
  for (const { retention, image, plan, totals, ofNode } of going) {
    const { node } = retention;
    const total = totals.get(node) ?? 0;
    const action = disableFirst && image.state === 'available' ? 'disable' : 'delete';
    const before = ofNode.get(node) ?? 0;
    const fuses = { maxDelete, half, disableFirst, plan };
    const hold = holdOf(image, action, { fuses, total, before, all });
    chosen.set(retention, hold ?? action);
    if (hold !== undefined) continue;
    ofNode.set(node, before + 1);
    all++;
  }
  return regions.map(({ retentions }) =>
    retentions.map((retention): ImageDecision => {
      const choice = chosen.get(retention);
      if (choice === undefined) return { ...retention, action: 'keep' };
      return typeof choice === 'string'
        ? { ...retention, action: choice }
        : { ...retention, action: 'hold', hold: choice };
    }),
  );
}

/** How many images each node has in a region. */
function totalsOf(retentions: readonly Retention[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { node, reason } of retentions) {
    if (reason.kind !== 'untagged' && reason.kind !== 'not-ours')
      totals.set(node, (totals.get(node) ?? 0) + 1);
  }
  return totals;
}

function holdOf(
  image: Image,
  action: 'disable' | 'delete',
  { fuses, total, before, all }: { fuses: Fuses; total: number; before: number; all: number },
): Hold | undefined {
  const planned = fuses.plan?.get(image.id);
  // Disabling is less than deleting, and may be done where a plan says delete.
  const isPlanned = fuses.plan === undefined || planned === action || planned === 'delete';
  if (!isPlanned) return { fuse: 'not-in-plan' };
  const limit = Math.floor(total / 2);
  if (fuses.half && before >= limit) return { fuse: 'half-of-node', limit, total };
  const max = fuses.maxDelete;
  return max !== undefined && all >= max ? { fuse: 'max-delete', limit: max } : undefined;
}

/** The order in which images go, the reverse of that in which they stay. */
export function oldestFirst(
  { image: a }: Pick<Retention, 'image'>,
  { image: b }: Pick<Retention, 'image'>,
): number {
  return newestByDate(b, a);
}
