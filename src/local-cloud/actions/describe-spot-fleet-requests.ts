import { spotFleetAnswer } from '../answers/spot-fleet.ts';
import { read } from '../api/action.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSpotFleetRequests = read(
  { SpotFleetRequestId: list(text), ...pageShape },
  ({ SpotFleetRequestId, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeSpotFleetRequests',
      all: Object.values(state.spotFleets),
      ids: SpotFleetRequestId,
      // EC2 has none for them.
      filters: [],
      table: {},
      tags: state.tags,
      missing: (id) => missing('spotFleet', id),
      page,
      limits: { min: 1 },
    });
    return {
      spotFleetRequestConfigSet: found.page.map((fleet) => spotFleetAnswer(fleet, state)),
      nextToken: found.nextToken,
    };
  },
);
