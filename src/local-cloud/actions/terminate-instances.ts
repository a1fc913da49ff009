import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { changeStates, findInstances } from '../instances/change-state.ts';

export const terminateInstances = write(
  { InstanceId: required(list(text)) },
  ({ InstanceId }, cloud: Pick<Cloud, 'store' | 'machines' | 'now'>) => {
    const kept = findInstances(cloud.store.state, InstanceId).find(
      (instance) => instance.apiTerminationDisabled,
    );
    if (kept !== undefined) {
      throw new Fault(
        'OperationNotPermitted',
        `The instance '${kept.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
      );
    }
    return () =>
      changeStates(
        cloud,
        InstanceId,
        ['pending', 'running', 'stopping', 'stopped'],
        'shutting-down',
        (id) => {
          cloud.machines.terminate(id);
        },
      );
  },
);
