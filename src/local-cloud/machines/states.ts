import type { Instance, InstanceState, Reason, State } from '../state/model.ts';

/** EC2's numbers of the states. */
export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const byUser: Reason = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};
export const byItself: Reason = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
};
export const byServer: Reason = {
  code: 'Server.ScheduledStop',
  message: 'Server.ScheduledStop: The local cloud was stopped',
};

/** A launch that failed on our side; the message tells what the machine's console said last. */
export function launchFailure(message: string): Reason {
  return {
    code: 'Server.InternalError',
    // In one line: Packer takes each line of it for one of its own.
    message: `Server.InternalError: Internal error on launch: ${message.replace(/\s*\n\s*/g, ' ')}`,
  };
}

/** Says whether an instance has been told to stop or to end. */
export function isLeaving({ state }: Instance): boolean {
  return state === 'stopping' || state === 'shutting-down';
}

/** Moves an instance on, with the reasons that DescribeInstances then shows. */
export function moveOn(instance: Instance, state: InstanceState, now: Date, reason?: Reason): void {
  instance.state = state;
  if (state === 'pending' || state === 'running') {
    delete instance.stateReason;
    instance.transitionReason = '';
    return;
  }
  if (state === 'terminated') instance.terminatedAt = now.toISOString();
  if (reason === undefined) return;
  instance.stateReason = reason;
  const time = now.toISOString().slice(0, 19).replace('T', ' ');
  if (reason === byUser) instance.transitionReason = `User initiated (${time} GMT)`;
  else if (reason === byItself) instance.transitionReason = '';
  else instance.transitionReason = reason.code;
}

/** Ends an instance in the state: its volumes go, or become available; returns the ids of those that go. */
export function endInstance(state: State, instance: Instance, now: Date, reason?: Reason): string[] {
  moveOn(instance, 'terminated', now, reason);
  const gone: string[] = [];
  for (const volume of Object.values(state.volumes)) {
    if (volume.attachment?.instanceId !== instance.id) continue;
    if (volume.attachment.deleteOnTermination) {
      gone.push(volume.id);
      Reflect.deleteProperty(state.volumes, volume.id);
      Reflect.deleteProperty(state.tags, volume.id);
    } else {
      delete volume.attachment;
      volume.state = 'available';
    }
  }
  return gone;
}
