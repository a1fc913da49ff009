import { cancelInstanceRefresh } from '../actions/cancel-instance-refresh.ts';
import { createAutoScalingGroup } from '../actions/create-auto-scaling-group.ts';
import { createLaunchConfiguration } from '../actions/create-launch-configuration.ts';
import { deleteAutoScalingGroup } from '../actions/delete-auto-scaling-group.ts';
import { deleteLaunchConfiguration } from '../actions/delete-launch-configuration.ts';
import { describeAutoScalingGroups } from '../actions/describe-auto-scaling-groups.ts';
import { describeInstanceRefreshes } from '../actions/describe-instance-refreshes.ts';
import { describeLaunchConfigurations } from '../actions/describe-launch-configurations.ts';
import { rollbackInstanceRefresh } from '../actions/rollback-instance-refresh.ts';
import { startInstanceRefresh } from '../actions/start-instance-refresh.ts';
import { updateAutoScalingGroup } from '../actions/update-auto-scaling-group.ts';
import type { Actions } from '../cloud.ts';

/** The actions of Auto Scaling. */
export const autoScalingActions: Actions = {
  CancelInstanceRefresh: cancelInstanceRefresh,
  CreateAutoScalingGroup: createAutoScalingGroup,
  CreateLaunchConfiguration: createLaunchConfiguration,
  DeleteAutoScalingGroup: deleteAutoScalingGroup,
  DeleteLaunchConfiguration: deleteLaunchConfiguration,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DescribeInstanceRefreshes: describeInstanceRefreshes,
  DescribeLaunchConfigurations: describeLaunchConfigurations,
  RollbackInstanceRefresh: rollbackInstanceRefresh,
  StartInstanceRefresh: startInstanceRefresh,
  UpdateAutoScalingGroup: updateAutoScalingGroup,
};
