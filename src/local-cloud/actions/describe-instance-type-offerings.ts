import { read } from '../api/action.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { cutPage, pageShape } from '../api/paging.ts';
import { oneOf } from '../api/shapes.ts';
import { region, zone, zoneId } from '../region.ts';
import { instanceTypes } from '../instances/types.ts';

const locations = { region, 'availability-zone': zone, 'availability-zone-id': zoneId } as const;

export const describeInstanceTypeOfferings = read(
  {
    LocationType: oneOf('region', 'availability-zone', 'availability-zone-id'),
    Filter: filterShape,
    ...pageShape,
  },
  ({ LocationType, Filter, ...page }) => {
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
