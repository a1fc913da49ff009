import { subnetAnswer, subnetFilters } from '../answers/subnet.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSubnets = read(
  { SubnetId: list(text), Filter: filterShape, ...pageShape },
  ({ SubnetId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeSubnets',
      all: [{ id: state.account.subnetId }],
      ids: SubnetId,
      filters: Filter,
      table: subnetFilters(state),
      tags: state.tags,
      missing: (id) => missing('subnet', id),
      page,
    });
    return { subnetSet: found.page.map(() => subnetAnswer(state)), nextToken: found.nextToken };
  },
);
