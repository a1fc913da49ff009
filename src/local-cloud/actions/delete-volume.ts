import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const deleteVolume = write(
  { VolumeId: required(text) },
  ({ VolumeId }, { store, machines }: Pick<Cloud, 'store' | 'machines'>) => {
    const { id, attachment } = find(store.state.volumes, 'volume', VolumeId);
    if (attachment !== undefined) {
      throw new Fault('VolumeInUse', `Volume ${id} is currently attached to ${attachment.instanceId}`);
    }
    return async () => {
      store.release((state) => {
        Reflect.deleteProperty(state.volumes, id);
        Reflect.deleteProperty(state.tags, id);
      });
      await machines.discard([id]);
      return { return: true };
    };
  },
);
