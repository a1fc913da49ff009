/** The regions of this cloud. The first is where a client is that names none. */
export const regions = ['us-east-1', 'eu-west-1', 'us-west-2'] as const;
export type Region = (typeof regions)[number];
export const homeRegion: Region = regions[0];

/** Debian's account, which owns the official images. */
export const debianAccount = '136693071363';

interface InRegion {
  readonly region: Region;
}

const zoneIds: Readonly<Record<Region, string>> = {
  'us-east-1': 'use1-az1',
  'eu-west-1': 'euw1-az1',
  'us-west-2': 'usw2-az1',
};

/** The one zone of a region. */
export const zoneOf = ({ region }: InRegion) => `${region}a`;
export const zoneIdOf = ({ region }: InRegion) => zoneIds[region];

/** Whether this cloud has a region of that name. */
export function isRegion(name: string): name is Region {
  return regions.some((region) => region === name);
}

/** Makes something for each region. */
export function forEachRegion<T>(make: (region: Region) => T): Readonly<Record<Region, T>> {
  return Object.fromEntries(regions.map((region) => [region, make(region)])) as Record<Region, T>;
}
