import { byServer, endInstance } from '../machines/states.ts';
import type { State } from '../state/model.ts';

/** EC2 shows a terminated instance for about an hour. */
const shownMs = 60 * 60_000;

/**
 * Brings the state of an earlier server up to what is true now: its instances have ended with it, what it was in
 * the middle of has failed, and what nobody asks for any more is forgotten.
 */
export function resumeState(state: State, now: Date): void {
  for (const instance of Object.values(state.instances)) {
    if (instance.state !== 'terminated') endInstance(state, instance, now, byServer);
  }
  for (const image of Object.values(state.images)) {
    if (image.state !== 'pending') continue;
    image.state = 'failed';
    image.failure = 'The local cloud was stopped while the image was made';
  }
  for (const snapshot of Object.values(state.snapshots))
    if (snapshot.state === 'pending') snapshot.state = 'error';
  forgetInstances(state, now);
}

/** Forgets the instances that ended an hour ago. */
export function forgetInstances(state: State, now: Date): void {
  for (const { id, terminatedAt } of Object.values(state.instances)) {
    if (terminatedAt === undefined || now.getTime() - Date.parse(terminatedAt) < shownMs) continue;
    Reflect.deleteProperty(state.instances, id);
    Reflect.deleteProperty(state.tags, id);
  }
}
