import { spotRequestAnswer, spotRequestFilters } from '../answers/spot-request.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSpotInstanceRequests = read(
  { SpotInstanceRequestId: list(text), Filter: filterShape, ...pageShape },
  ({ SpotInstanceRequestId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeSpotInstanceRequests',
      all: Object.values(state.spotRequests),
      ids: SpotInstanceRequestId,
      filters: Filter,
      table: spotRequestFilters,
      tags: state.tags,
      missing: (id) => missing('spotRequest', id),
      page,
    });
    return {
      spotInstanceRequestSet: found.page.map((request) => spotRequestAnswer(request, state)),
      nextToken: found.nextToken,
    };
  },
);
