import { groupAnswer, groupFilters } from '../answers/group.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { groupNamed } from '../api/group-lookup.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSecurityGroups = read(
  { GroupId: list(text), GroupName: list(text), Filter: filterShape, ...pageShape },
  ({ GroupId, GroupName, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeSecurityGroups',
      all: Object.values(state.groups),
      ids: [...GroupId, ...GroupName.map((name) => groupNamed(state, name).id)],
      filters: Filter,
      table: groupFilters(state),
      tags: state.tags,
      missing: (id) => missing('group', id),
      page,
    });
    return {
      securityGroupInfo: found.page.map((group) => groupAnswer(group, state)),
      nextToken: found.nextToken,
    };
  },
);
