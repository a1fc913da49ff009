import type { Snapshot, State } from '../state/model.ts';
import { Fault } from './fault.ts';
import { find } from './resource-ids.ts';

/** Finds a snapshot that the account may change, or throws the Fault. */
export function ownSnapshot(state: State, id: string): Snapshot {
  const snapshot = find(state.snapshots, 'snapshot', id);
  if (snapshot.ownerId === state.account.id) return snapshot;
  throw new Fault('AuthFailure', `Not authorized for snapshot:${id}`, 403);
}
