import { fleetAnswer, fleetFilters } from '../answers/fleet.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeFleets = read(
  { FleetId: list(text), Filter: filterShape, ...pageShape },
  ({ FleetId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeFleets',
      all: Object.values(state.fleets),
      ids: FleetId,
      filters: Filter,
      table: fleetFilters,
      tags: state.tags,
      missing: (id) => missing('fleet', id),
      page,
      limits: { min: 1 },
    });
    return {
      fleetSet: found.page.map((fleet) => fleetAnswer(fleet, state.tags)),
      nextToken: found.nextToken,
    };
  },
);
