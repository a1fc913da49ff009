import { write } from '../api/action.ts';
import { required, text } from '../api/shapes.ts';
import { changeRefresh } from '../auto-scaling/change-refresh.ts';
import type { Cloud } from '../cloud.ts';

export const cancelInstanceRefresh = write(
  { AutoScalingGroupName: required(text) },
  ({ AutoScalingGroupName }, { store, now }: Pick<Cloud, 'store' | 'now'>) =>
    changeRefresh(
      store,
      AutoScalingGroupName,
      () => undefined,
      (refresh) => {
        refresh.status = 'Cancelled';
        refresh.endedAt = now().toISOString();
      },
    ),
);
