import type { Cleanup } from './clean-up.ts';

/** What a cleanup frees. A snapshot holds only what has changed since the one before it: this is the most it can be. */
interface Savings {
  snapshots: number;
  /** GiB */
  gib: number;
  /** US dollars a month, at {@link price}. */
  perMonth: number;
  /** US dollars for a GiB and a month. */
  price: number;
}

/** What the deleted snapshots held, or what those that would be deleted hold. */
export function savings(
  cleanup: Pick<Cleanup, 'order' | 'decisions' | 'orphans' | 'snapshots' | 'outcomes'>,
): Savings {
  const { price, apply } = cleanup.order;
  const ids = apply
    ? [...cleanup.outcomes.values()].flatMap(({ deletedSnapshots }) => deletedSnapshots)
    : plannedSnapshots(cleanup);
  const sizes = new Map(cleanup.snapshots.map(({ id, size }) => [id, size]));
  const freed = [...new Set(ids)].filter((id) => sizes.has(id));
  const gib = freed.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  return { snapshots: freed.length, gib, perMonth: gib * price, price };
}

function plannedSnapshots({ decisions, orphans }: Pick<Cleanup, 'decisions' | 'orphans'>): string[] {
  const stay = new Set(
    decisions.filter(({ action }) => action !== 'delete').flatMap(({ image }) => image.snapshotIds),
  );
  return [
    ...decisions.filter(({ action }) => action === 'delete').flatMap(({ image }) => image.snapshotIds),
    ...orphans.filter(({ action }) => action === 'delete').map(({ snapshot }) => snapshot.id),
  ].filter((id) => !stay.has(id));
}
