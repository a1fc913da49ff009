import type { AutoScalingGroup, DesiredConfiguration } from '@aws-sdk/client-auto-scaling';
import { malformed } from '../aws/ec2-failure.ts';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import { allUses, imageUses, type User, type Uses } from './launch-source.ts';
import { pinOf } from './pin.ts';

/** A call of DescribeAutoScalingGroups. */
export type DescribeAutoScalingGroups = (query: {
  MaxRecords: number;
  NextToken?: string;
}) => Promise<{ AutoScalingGroups?: AutoScalingGroup[] | undefined } & Page>;

const call = 'autoscaling:DescribeAutoScalingGroups';

/** All groups of the region. */
export async function listGroups(describe: DescribeAutoScalingGroups): Promise<AutoScalingGroup[]> {
  return collectPages(
    (next) => describe({ MaxRecords: 100, ...next }),
    ({ AutoScalingGroups: groups }) => groups,
    call,
  );
}

/** A group's name, for a person too. */
export function nameOf({ AutoScalingGroupName: name }: AutoScalingGroup): string {
  return known(name, call, "an Auto Scaling group's name");
}

/**
 * What a group launches from, and what its instances were launched from (they go back to it when they are replaced
 * one by one). A launch configuration is a reference of its own.
 * @throws CloudError when the answer does not say what it launches from
 */
export function usesOfGroup(group: AutoScalingGroup): Uses {
  const name = nameOf(group);
  const user: User = { kind: 'auto-scaling-group', by: `Auto Scaling group ${name}`, call };
  const instances = known(group.Instances, call, `the instances of ${user.by}`);
  const ofInstances = { ...user, by: `instances of ${user.by}` };
  const pins = instances.flatMap(({ LaunchTemplate: template }) =>
    template === undefined ? [] : [pinOf(template, ofInstances)],
  );
  const distinct = [...new Map(pins.map((pin) => [JSON.stringify(pin), pin])).values()];
  return allUses([sourceOfGroup(group, user), { found: [], pins: distinct }]);
}

/** What a group launches new instances from. */
export function sourceOfGroup(group: AutoScalingGroup, user: User): Uses {
  const {
    LaunchConfigurationName: configuration,
    LaunchTemplate: template,
    MixedInstancesPolicy: mixed,
  } = group;
  if (configuration === undefined && template === undefined && mixed === undefined) {
    throw malformed(call, `it lacks what ${nameOf(group)} launches from`);
  }
  return usesOfConfiguration(group, user);
}

/** What a group, or a refresh of its instances, is configured with. */
export function usesOfConfiguration(
  { LaunchTemplate: template, MixedInstancesPolicy: mixed }: DesiredConfiguration,
  user: User,
): Uses {
  const single = template === undefined ? [] : [pinOf(template, user)];
  if (mixed === undefined) return { found: [], pins: single };
  const main = known(
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
