import { stateAnswer } from '../answers/instance.ts';
import { Fault } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import type { Xml } from '../api/xml.ts';
import type { Cloud } from '../cloud.ts';
import { byUser, moveOn } from '../machines/states.ts';
import type { Instance, InstanceState, State } from '../state/model.ts';

/** Finds all instances that a call names, each once. */
export function findInstances(state: State, ids: readonly string[]): Instance[] {
  return [...new Set(ids)].map((id) => find(state.instances, 'instance', id));
}

/** Throws unless all instances are in one of the `allowed` states. */
export function requireStates(
  instances: readonly Instance[],
  allowed: readonly InstanceState[],
  verb: string,
): void {
  const wrong = instances.find(({ state }) => !allowed.includes(state));
  if (wrong === undefined) return;
  throw new Fault(
    'IncorrectInstanceState',
    `The instance '${wrong.id}' is not in a state from which it can be ${verb}: it is ${wrong.state}.`,
  );
}

/** Moves those instances on that are in a `from` state, tells `then` about each, and answers before and after. */
export function changeStates(
  { store, now }: Pick<Cloud, 'store' | 'now'>,
  ids: readonly string[],
  from: readonly InstanceState[],
  to: InstanceState,
  then: (id: string) => void,
): Xml {
  const changes = store.release((state) =>
    findInstances(state, ids).map((instance) => {
      const previous = instance.state;
      const moves = from.includes(previous);
      if (moves) moveOn(instance, to, now(), byUser);
      return { id: instance.id, previous, current: instance.state, moves };
    }),
  );
  for (const { id, moves } of changes) if (moves) then(id);
  return {
    instancesSet: changes.map(({ id, previous, current }) => ({
      instanceId: id,
      currentState: stateAnswer(current),
      previousState: stateAnswer(previous),
    })),
  };
}
