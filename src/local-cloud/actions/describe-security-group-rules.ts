import { securityGroupRules } from '../answers/group.ts';
import { read } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSecurityGroupRules = read(
  { SecurityGroupRuleId: list(text), Filter: filterShape, ...pageShape },
  ({ SecurityGroupRuleId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const all = Object.values(state.groups).flatMap((group) => [
      ...securityGroupRules(group.id, 'ingress', group.ingress, state),
      ...securityGroupRules(group.id, 'egress', group.egress, state),
    ]);
    const found = select({
      action: 'DescribeSecurityGroupRules',
      all: all.map((rule) => ({ id: rule.securityGroupRuleId, rule })),
      ids: SecurityGroupRuleId,
      filters: Filter,
      table: { 'group-id': ({ rule }) => rule.groupId, 'security-group-rule-id': ({ id }) => id },
      tags: state.tags,
      missing: (id) =>
        new Fault('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`),
      page,
    });
    return { securityGroupRuleSet: found.page.map(({ rule }) => rule), nextToken: found.nextToken };
  },
);
