import { write } from '../api/action.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { findInstances, requireStates } from '../instances/change-state.ts';

export const rebootInstances = write(
  { InstanceId: required(list(text)) },
  ({ InstanceId }, { store, machines }: Pick<Cloud, 'store' | 'machines'>) => {
    requireStates(findInstances(store.state, InstanceId), ['pending', 'running'], 'rebooted');
    return () => {
      for (const id of InstanceId) machines.reboot(id);
      return { return: true };
    };
  },
);
