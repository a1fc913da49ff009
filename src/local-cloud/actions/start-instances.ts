import { write } from '../api/action.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { changeStates, findInstances, requireStates } from '../instances/change-state.ts';

export const startInstances = write(
  { InstanceId: required(list(text)) },
  async ({ InstanceId }, cloud: Pick<Cloud, 'store' | 'machines' | 'room' | 'now'>) => {
    requireStates(findInstances(cloud.store.state, InstanceId), ['pending', 'running', 'stopped'], 'started');
    await cloud.room.assert();
    return () =>
      changeStates(cloud, InstanceId, ['stopped'], 'pending', (id) => {
        cloud.machines.boot(id);
      });
  },
);
