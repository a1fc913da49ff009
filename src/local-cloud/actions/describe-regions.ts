import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { flag, list, text } from '../api/shapes.ts';
import { region } from '../region.ts';

const regions = [{ name: region, endpoint: `ec2.${region}.amazonaws.com`, status: 'opt-in-not-required' }];

export const describeRegions = read(
  { RegionName: list(text), AllRegions: flag, Filter: filterShape },
  ({ RegionName, Filter }) => {
    const unknown = RegionName.filter((name) => name !== region);
    if (unknown.length > 0)
      throw invalidValue(`Invalid region provided: ${unknown.join(', ')}; here is only ${region}`);
    const found = applyFilters(
      regions,
      Filter,
      {
        endpoint: ({ endpoint }) => endpoint,
        'opt-in-status': ({ status }) => status,
        'region-name': ({ name }) => name,
      },
      'DescribeRegions',
    );
    return {
      regionInfo: found.map(({ name, endpoint, status }) => ({
        regionName: name,
        regionEndpoint: endpoint,
        optInStatus: status,
      })),
    };
  },
);
