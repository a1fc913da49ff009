import { read } from '../api/action.ts';
import { list, required, text } from '../api/shapes.ts';
import { sourceAnswer } from '../auto-scaling/launch-source.ts';
import { cutRecords, recordsShape } from '../auto-scaling/pages.ts';
import { findGroup } from '../auto-scaling/records.ts';
import type { Cloud } from '../cloud.ts';

export const describeInstanceRefreshes = read(
  { AutoScalingGroupName: required(text), InstanceRefreshIds: list(text), ...recordsShape },
  ({ AutoScalingGroupName, InstanceRefreshIds: ids, ...page }, { store }: Pick<Cloud, 'store'>) => {
    const { name, refreshes } = findGroup(store.state, AutoScalingGroupName);
    // The newest first: a later one has a smaller key, of the same length.
    const all = refreshes.map((refresh, index) => ({ refresh, key: String(2e9 - index) }));
    const asked = all.filter(({ refresh }) => ids.length === 0 || ids.includes(refresh.id));
    const found = cutRecords(asked, ({ key }) => key, page);
    return {
      InstanceRefreshes: found.page.map(({ refresh }) => ({
        InstanceRefreshId: refresh.id,
        AutoScalingGroupName: name,
        Status: refresh.status,
        StatusReason: refresh.status === 'Cancelled' ? 'Cancelled by user.' : undefined,
        StartTime: new Date(refresh.startedAt),
        EndTime: refresh.endedAt === undefined ? undefined : new Date(refresh.endedAt),
        PercentageComplete: 0,
        InstancesToUpdate: 0,
        Preferences: refresh.preferences,
        DesiredConfiguration: refresh.desired && sourceAnswer(refresh.desired),
        RollbackDetails:
          refresh.rollbackAt === undefined
            ? undefined
            : {
                RollbackReason: 'Rollback initiated by user.',
                RollbackStartTime: new Date(refresh.rollbackAt),
                PercentageCompleteOnRollback: 0,
                InstancesToUpdateOnRollback: 0,
              },
        Strategy: 'Rolling',
      })),
      NextToken: found.nextToken,
    };
  },
);
