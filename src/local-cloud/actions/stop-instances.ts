import { write } from '../api/action.ts';
import { unsupported } from '../api/fault.ts';
import { flag, list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { changeStates, findInstances, requireStates } from '../instances/change-state.ts';

export const stopInstances = write(
  { InstanceId: required(list(text)), Force: flag, Hibernate: flag },
  ({ InstanceId, Force, Hibernate }, cloud: Pick<Cloud, 'store' | 'machines' | 'now'>) => {
    if (Hibernate === true) throw unsupported('The local cloud cannot hibernate instances');
    const instances = findInstances(cloud.store.state, InstanceId);
    requireStates(instances, ['pending', 'running', 'stopping', 'stopped'], 'stopped');
    return () =>
      changeStates(cloud, InstanceId, ['pending', 'running'], 'stopping', (id) => {
        cloud.machines.stop(id, Force ?? false);
      });
  },
);
