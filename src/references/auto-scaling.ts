import type { AutoScalingGroup, DesiredConfiguration, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import { collectPages, required, waitForAll } from '../aws/answers.ts';
import { malformed, codeOf } from '../aws/ec2-failure.ts';
import {
  allUses,
  imageUses,
  type User,
  type Uses,
  pinOf,
  requiredImageUses,
  type FoundReference,
} from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';

const groupsCall = 'autoscaling:DescribeAutoScalingGroups';

/** All groups of the region. */
export async function listGroups(
  describe: ReferenceCalls['describeAutoScalingGroups'],
): Promise<AutoScalingGroup[]> {
  return collectPages(
    (next) => describe({ MaxRecords: 100, ...next }),
    ({ AutoScalingGroups: groups }) => groups,
    groupsCall,
  );
}

/** A group's name, for a person too. */
function nameOf({ AutoScalingGroupName: name }: AutoScalingGroup): string {
  return required(name, groupsCall, "an Auto Scaling group's name");
}

/**
 * What a group launches from, and what its instances were launched from (they go back to it when they are replaced
 * one by one). A launch configuration is a reference of its own.
 * @throws CloudError when the answer does not say what it launches from
 */
export function usesOfGroup(group: AutoScalingGroup): Uses {
  const name = nameOf(group);
  const user: User = { kind: 'auto-scaling-group', by: `Auto Scaling group ${name}`, call: groupsCall };
  const instances = required(group.Instances, groupsCall, `the instances of ${user.by}`);
  const ofInstances = { ...user, by: `instances of ${user.by}` };
  const pins = instances.flatMap(({ LaunchTemplate: template }) =>
    template === undefined ? [] : [pinOf(template, ofInstances)],
  );
  const distinct = [...new Map(pins.map((pin) => [JSON.stringify(pin), pin])).values()];
  return allUses([sourceOfGroup(group, user), { found: [], pins: distinct }]);
}

/** What a group launches new instances from. */
function sourceOfGroup(group: AutoScalingGroup, user: User): Uses {
  const {
    LaunchConfigurationName: configuration,
    LaunchTemplate: template,
    MixedInstancesPolicy: mixed,
  } = group;
  if (configuration === undefined && template === undefined && mixed === undefined) {
    throw malformed(groupsCall, `it lacks what ${nameOf(group)} launches from`);
  }
  return usesOfConfiguration(group, user);
}

/** What a group, or a refresh of its instances, is configured with. */
function usesOfConfiguration(
  { LaunchTemplate: template, MixedInstancesPolicy: mixed }: DesiredConfiguration,
  user: User,
): Uses {
  const single = template === undefined ? [] : [pinOf(template, user)];
  if (mixed === undefined) return { found: [], pins: single };
  const main = required(
    mixed.LaunchTemplate?.LaunchTemplateSpecification,
    user.call,
    `the launch template of ${user.by}`,
  );
  const overrides = mixed.LaunchTemplate?.Overrides ?? [];
  const own = overrides.flatMap(({ LaunchTemplateSpecification: specification }) => specification ?? []);
  return {
    found: overrides.flatMap(({ ImageId: image }) => imageUses({ ImageId: image }, user)),
    pins: [...single, ...[main, ...own].map((specification) => pinOf(specification, user))],
  };
}

const refreshesCall = 'autoscaling:DescribeInstanceRefreshes';
/** In any other state a refresh is going on, or is being rolled back. */
const endedRefresh = new Set(['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful']);

/** What the running refreshes of these groups launch, and what a rollback of them would launch. */
export async function findRefreshes(
  groups: readonly AutoScalingGroup[],
  describe: ReferenceCalls['describeInstanceRefreshes'],
): Promise<Uses> {
  return allUses(await waitForAll(groups.map((group) => refreshesOf(group, describe))));
}

async function refreshesOf(
  group: AutoScalingGroup,
  describe: ReferenceCalls['describeInstanceRefreshes'],
): Promise<Uses> {
  const name = nameOf(group);
  try {
    const uses = await collectPages(
      (next) => describe({ AutoScalingGroupName: name, MaxRecords: 100, ...next }),
      ({ InstanceRefreshes: refreshes }) => refreshes?.map((refresh) => usesOfRefresh(refresh, group)),
      refreshesCall,
    );
    return allUses(uses);
  } catch (error) {
    if (groupIsGone(error)) return { found: [], pins: [] };
    throw error;
  }
}

function usesOfRefresh(refresh: InstanceRefresh, group: AutoScalingGroup): Uses {
  const id = required(refresh.InstanceRefreshId, refreshesCall, "an instance refresh's id");
  const by = `instance refresh ${id} of Auto Scaling group ${nameOf(group)}`;
  if (endedRefresh.has(required(refresh.Status, refreshesCall, `the status of ${by}`)))
    return { found: [], pins: [] };
  const user: User = { kind: 'instance-refresh', by, call: refreshesCall };
  return allUses([
    usesOfConfiguration(refresh.DesiredConfiguration ?? {}, user),
    sourceOfGroup(group, { ...user, by: `a rollback of ${by}` }),
  ]);
}

/** Deleted since the groups were listed. Auto Scaling has no code of its own for that. */
function groupIsGone(error: unknown): boolean {
  return (
    codeOf(error) === 'ValidationError' && /AutoScalingGroup name not found/i.test((error as Error).message)
  );
}

const configurationsCall = 'autoscaling:DescribeLaunchConfigurations';

/** The images and snapshots of all launch configurations, whether a group uses them or not. */
export async function findLaunchConfigurations(
  describe: ReferenceCalls['describeLaunchConfigurations'],
): Promise<FoundReference[]> {
  return collectPages(
    (next) => describe({ MaxRecords: 100, ...next }),
    ({ LaunchConfigurations: configurations }) =>
      configurations?.flatMap((configuration) => {
        const name = required(
          configuration.LaunchConfigurationName,
          configurationsCall,
          "a launch configuration's name",
        );
        return requiredImageUses(configuration, {
          kind: 'launch-configuration',
          by: `launch configuration ${name}`,
          call: configurationsCall,
        });
      }),
    configurationsCall,
  );
}
