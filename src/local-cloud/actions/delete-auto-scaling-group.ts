import { write } from '../api/action.ts';
import { flag, required, text } from '../api/shapes.ts';
import { findGroup } from '../auto-scaling/records.ts';
import type { Cloud } from '../cloud.ts';

export const deleteAutoScalingGroup = write(
  // Without instances there is nothing to force.
  { AutoScalingGroupName: required(text), ForceDelete: flag },
  ({ AutoScalingGroupName }, { store }: Pick<Cloud, 'store'>) => {
    const { name } = findGroup(store.state, AutoScalingGroupName);
    return () => {
      store.release((state) => Reflect.deleteProperty(state.autoScalingGroups ?? {}, name));
      return {};
    };
  },
);
