import type { State } from './model.ts';

const first = 10;
const last = 254;

/** The addresses of the subnet that no instance has, the lowest first. */
export function freeAddresses({ account, instances }: State): string[] {
  const live = Object.values(instances).filter(({ state }) => state !== 'terminated');
  const used = new Set(live.map(({ address }) => address));
  const all = Array.from({ length: last - first + 1 }, (_, number) => `${account.network}.${number + first}`);
  return all.filter((address) => !used.has(address));
}
