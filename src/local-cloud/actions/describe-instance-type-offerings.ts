import { read } from '../api/action.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { cutPage, pageShape } from '../api/paging.ts';
import { oneOf } from '../api/shapes.ts';
import { zoneIdOf, zoneOf } from '../region.ts';
import type { Cloud } from '../cloud.ts';
import { instanceTypes } from '../instances/types.ts';

export const describeInstanceTypeOfferings = read(
  {
    LocationType: oneOf('region', 'availability-zone', 'availability-zone-id'),
    Filter: filterShape,
    ...pageShape,
  },
  ({ LocationType, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const locations = {
      region: state.account.region,
      'availability-zone': zoneOf(state.account),
      'availability-zone-id': zoneIdOf(state.account),
    };
    const locationType = LocationType ?? 'region';
    const location = locations[locationType];
    const found = applyFilters(
      instanceTypes,
      Filter,
      { 'instance-type': ({ id }) => id, location: () => location },
      'DescribeInstanceTypeOfferings',
    );
    const { page: shown, nextToken } = cutPage(found, ({ id }) => id, page);
    return {
      instanceTypeOfferingSet: shown.map(({ id }) => ({ instanceType: id, locationType, location })),
      nextToken,
    };
  },
);
