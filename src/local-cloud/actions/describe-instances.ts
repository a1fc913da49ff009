import { instanceFilters, reservationAnswer } from '../answers/instance.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape, refusePages } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeInstances = read(
  // Nothing here is an AWS service's, which an account could hide.
  { InstanceId: list(text), Filter: filterShape, IncludeManagedResources: flag, ...pageShape },
  ({ InstanceId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    refusePages(InstanceId, page, 'instancesSet');
    const found = select({
      action: 'DescribeInstances',
      all: Object.values(state.instances),
      ids: InstanceId,
      filters: Filter,
      table: instanceFilters(state),
      tags: state.tags,
      missing: (id) => missing('instance', id),
      page,
    });
    const reservations = [...new Set(found.page.map(({ reservationId }) => reservationId))];
    return {
      reservationSet: reservations.map((id) =>
        reservationAnswer(
          found.page.filter(({ reservationId }) => reservationId === id),
          state,
        ),
      ),
      nextToken: found.nextToken,
    };
  },
);
