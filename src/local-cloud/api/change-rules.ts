import { securityGroupRules } from '../answers/group.ts';
import type { Cloud } from '../cloud.ts';
import type { Rule } from '../state/model.ts';
import { write, type Action } from './action.ts';
import { Fault, unsupported } from './fault.ts';
import { groupOf } from './group-lookup.ts';
import { permissionsShape, readRules, sameRule } from './permissions.ts';

type Side = 'ingress' | 'egress';

/** AuthorizeSecurityGroupIngress and -Egress: adds rules. They are remembered and shown, not enforced. */
export function authorizeRules(side: Side): Action<Pick<Cloud, 'store'>> {
  return write(permissionsShape, (given, { store }: Pick<Cloud, 'store'>) => {
    const { id } = groupOf(store.state, given);
    const rules = readRules(given, store.state);
    if (given.TagSpecification.length > 0)
      throw unsupported('The local cloud cannot tag the rules of a group');
    const double = rules.find((rule) =>
      store.state.groups[id]?.[side].some((other) => sameRule(rule, other)),
    );
    if (double !== undefined) {
      const peer = double.peer.kind === 'group' ? double.peer.groupId : double.peer.cidr;
      throw new Fault(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${peer}, ${double.protocol}, from port: ${double.fromPort ?? -1}, to port: ${double.toPort ?? -1}, ALLOW" already exists`,
      );
    }
    return () => {
      store.change(({ groups }) => {
        groups[id]?.[side].push(...rules);
      });
      return { return: true, securityGroupRuleSet: securityGroupRules(id, side, rules, store.state) };
    };
  });
}

/** RevokeSecurityGroupIngress and -Egress: takes rules away. */
export function revokeRules(side: Side): Action<Pick<Cloud, 'store'>> {
  return write(permissionsShape, (given, { store }: Pick<Cloud, 'store'>) => {
    const group = groupOf(store.state, given);
    const rules = readRules(given, store.state);
    const has = (all: readonly Rule[], rule: Rule) => all.some((other) => sameRule(rule, other));
    if (!rules.every((rule) => has(group[side], rule))) {
      throw new Fault(
        'InvalidPermission.NotFound',
        'The specified rule does not exist in this security group.',
      );
    }
    return () => {
      store.change(({ groups }) => {
        const now = groups[group.id];
        if (now !== undefined) now[side] = now[side].filter((rule) => !has(rules, rule));
      });
      return { return: true };
    };
  });
}
