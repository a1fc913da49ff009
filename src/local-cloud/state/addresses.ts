import type { Region } from '../region.ts';
import type { State } from './model.ts';

/** Of one network: no machine of a region may have the address of another region's. */
const ranges: Readonly<Record<Region, readonly [first: number, last: number]>> = {
  'us-east-1': [10, 127],
  'eu-west-1': [128, 190],
  'us-west-2': [191, 254],
};

/** The addresses of the region that no instance has, the lowest first. */
export function freeAddresses({ account, instances }: State): string[] {
  const live = Object.values(instances).filter(({ state }) => state !== 'terminated');
  const used = new Set(live.map(({ address }) => address));
  const [first, last] = ranges[account.region];
  const all = Array.from({ length: last - first + 1 }, (_, number) => `${account.network}.${number + first}`);
  return all.filter((address) => !used.has(address));
}
