import type { AutoScalingGroup, InstanceRefresh, LaunchConfiguration } from '../state/auto-scaling.ts';
import type { State } from '../state/model.ts';
import { validationError } from './refusals.ts';

/** Finds a group by its name, or throws Auto Scaling's refusal. */
export function findGroup({ autoScalingGroups = {} }: State, name: string): AutoScalingGroup {
  const group = Object.hasOwn(autoScalingGroups, name) ? autoScalingGroups[name] : undefined;
  if (group === undefined) throw validationError(`AutoScalingGroup name not found - no such group: ${name}`);
  return group;
}

/** Finds a launch configuration by its name; undefined when there is none. */
export function launchConfiguration(
  { launchConfigurations = {} }: State,
  name: string,
): LaunchConfiguration | undefined {
  return Object.hasOwn(launchConfigurations, name) ? launchConfigurations[name] : undefined;
}

/** The refresh of a group that has not ended; there is one at most. */
export function activeRefresh({ refreshes }: AutoScalingGroup): InstanceRefresh | undefined {
  return refreshes.find(({ status }) => status !== 'Cancelled');
}

/** Those of the records that are asked for by name; all when none is named, and what is not there is left out. */
export function named<T extends { readonly name: string }>(
  records: Readonly<Record<string, T>> | undefined,
  names: readonly string[],
): T[] {
  return Object.values(records ?? {}).filter(({ name }) => names.length === 0 || names.includes(name));
}
