import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { zoneIdOf, zoneOf } from '../region.ts';

export const describeAvailabilityZones = read(
  { ZoneName: list(text), ZoneId: list(text), AllAvailabilityZones: flag, Filter: filterShape },
  ({ ZoneName, ZoneId, Filter }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const { region } = state.account;
    const zone = { name: zoneOf(state.account), id: zoneIdOf(state.account) };
    const unknown = [
      ...ZoneName.filter((name) => name !== zone.name),
      ...ZoneId.filter((id) => id !== zone.id),
    ];
    if (unknown.length > 0) throw invalidValue(`Invalid availability zone: [${unknown.join(', ')}]`);
    const found = applyFilters(
      [zone],
      Filter,
      {
        'group-name': () => `${region}-zg-1`,
        'opt-in-status': () => 'opt-in-not-required',
        'region-name': () => region,
        state: () => 'available',
        'zone-id': ({ id }) => id,
        'zone-name': ({ name }) => name,
        'zone-type': () => 'availability-zone',
      },
      'DescribeAvailabilityZones',
    );
    return {
      availabilityZoneInfo: found.map(({ name, id }) => ({
        zoneName: name,
        zoneId: id,
        zoneState: 'available',
        zoneType: 'availability-zone',
        optInStatus: 'opt-in-not-required',
        regionName: region,
        groupName: `${region}-zg-1`,
        networkBorderGroup: region,
        messageSet: [],
      })),
    };
  },
);
