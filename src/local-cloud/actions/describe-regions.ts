import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { flag, list, text } from '../api/shapes.ts';
import { regions } from '../region.ts';

const enabled = regions.map((name) => ({ name, status: 'opt-in-not-required' }));
/** One that the account would have to enable first: a call to it is refused. */
const others = [{ name: 'ap-east-1', status: 'not-opted-in' }];
const endpointOf = (name: string) => `ec2.${name}.amazonaws.com`;

export const describeRegions = read(
  { RegionName: list(text), AllRegions: flag, Filter: filterShape },
  ({ RegionName, AllRegions, Filter }) => {
    const all = [...enabled, ...others];
    const unknown = RegionName.filter((wanted) => !all.some(({ name }) => name === wanted));
    if (unknown.length > 0) throw invalidValue(`Invalid region names: ${unknown.join(', ')}`);
    const named = all.filter(({ name }) => RegionName.includes(name));
    const found = applyFilters(
      RegionName.length > 0 ? named : AllRegions === true ? all : enabled,
      Filter,
      {
        endpoint: ({ name }) => endpointOf(name),
        'opt-in-status': ({ status }) => status,
        'region-name': ({ name }) => name,
      },
      'DescribeRegions',
    );
    return {
      regionInfo: found.map(({ name, status }) => ({
        regionName: name,
        regionEndpoint: endpointOf(name),
        optInStatus: status,
      })),
    };
  },
);
