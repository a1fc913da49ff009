import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { required, text } from '../api/shapes.ts';
import { changeRefresh } from '../auto-scaling/change-refresh.ts';
import { noRollback } from '../auto-scaling/rollback.ts';
import type { Cloud } from '../cloud.ts';

export const rollbackInstanceRefresh = write(
  { AutoScalingGroupName: required(text) },
  ({ AutoScalingGroupName }, { store, now }: Pick<Cloud, 'store' | 'now'>) =>
    changeRefresh(
      store,
      AutoScalingGroupName,
      ({ status, desired }, { source }) => {
        const why =
          status === 'RollbackInProgress' ? 'it is rolled back already' : noRollback(source, desired);
        if (why !== undefined)
          throw new Fault(
            'IrreversibleInstanceRefresh',
            `The instance refresh cannot be rolled back: ${why}`,
          );
      },
      (refresh) => {
        refresh.status = 'RollbackInProgress';
        refresh.rollbackAt = now().toISOString();
      },
    ),
);
