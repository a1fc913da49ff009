import { read } from '../api/action.ts';
import { flag, list, text } from '../api/shapes.ts';
import { sourceAnswer } from '../auto-scaling/launch-source.ts';
import { cutRecords, recordsShape } from '../auto-scaling/pages.ts';
import { named } from '../auto-scaling/records.ts';
import type { Cloud } from '../cloud.ts';

export const describeAutoScalingGroups = read(
  { AutoScalingGroupNames: list(text), IncludeManagedResources: flag, ...recordsShape },
  ({ AutoScalingGroupNames, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const all = named(state.autoScalingGroups, AutoScalingGroupNames);
    const found = cutRecords(all, ({ name }) => name, page);
    return {
      AutoScalingGroups: found.page.map((group) => ({
        AutoScalingGroupName: group.name,
        AutoScalingGroupARN: `arn:aws:autoscaling:${state.account.region}:${state.account.id}:autoScalingGroup:${group.uuid}:autoScalingGroupName/${group.name}`,
        ...sourceAnswer(group.source),
        MinSize: group.minSize,
        MaxSize: group.maxSize,
        DesiredCapacity: group.desired,
        DefaultCooldown: group.cooldown,
        AvailabilityZones: group.zones,
        LoadBalancerNames: [],
        TargetGroupARNs: [],
        HealthCheckType: group.healthCheck,
        HealthCheckGracePeriod: group.gracePeriod,
        Instances: [],
        CreatedTime: new Date(group.createdAt),
        SuspendedProcesses: [],
        VPCZoneIdentifier: group.subnets,
        EnabledMetrics: [],
        Tags: [],
        TerminationPolicies: ['Default'],
        NewInstancesProtectedFromScaleIn: group.protectedFromScaleIn,
      })),
      NextToken: found.nextToken,
    };
  },
);
