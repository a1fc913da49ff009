import type { SecurityGroup, State } from '../state/model.ts';
import { Fault } from './fault.ts';
import { find } from './resource-ids.ts';

/** Finds a security group by its name, or throws the Fault. */
export function groupNamed(state: State, name: string): SecurityGroup {
  const group = Object.values(state.groups).find((other) => other.name === name);
  if (group === undefined) {
    throw new Fault(
      'InvalidGroup.NotFound',
      `The security group '${name}' does not exist in default VPC '${state.account.vpcId}'`,
    );
  }
  return group;
}

/** Finds the one group that a call is about, given by id or by name. */
export function groupOf(
  state: State,
  given: { readonly GroupId: string | undefined; readonly GroupName: string | undefined },
): SecurityGroup {
  if (given.GroupId !== undefined) return find(state.groups, 'group', given.GroupId);
  if (given.GroupName !== undefined) return groupNamed(state, given.GroupName);
  throw new Fault('MissingParameter', 'The request must contain the parameter groupName or groupId');
}
