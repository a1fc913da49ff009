import type { Cloud } from '../cloud.ts';
import type { State } from '../state/model.ts';

/** The images that stand on a snapshot. */
export function imagesOn(state: State, snapshotId: string): string[] {
  return Object.values(state.images)
    .filter(({ mappings }) => mappings.some((mapping) => mapping.snapshotId === snapshotId))
    .map(({ id }) => id);
}

/** Forgets snapshots; to be called inside a change of the state. */
export function forgetSnapshots(state: State, ids: readonly string[]): void {
  for (const id of ids) {
    Reflect.deleteProperty(state.snapshots, id);
    Reflect.deleteProperty(state.tags, id);
  }
}

/** Deletes the layers that no snapshot or volume stands on any more. */
export async function freeLayers({ machines }: Pick<Cloud, 'machines'>): Promise<void> {
  await machines.discard([]);
}
