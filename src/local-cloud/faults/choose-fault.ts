import { matches, type CallFacts, type Effect, type OrderedFault } from './fault-list.ts';

/** What has become of each fault of a list so far. */
export interface Tally {
  /** Calls that it matches. */
  readonly seen: number;
  readonly hits: number;
}

/**
 * Chooses what happens to a call: the first fault of the list that hits it. Each matching fault counts the call, also
 * when an earlier one has hit it. `random` answers numbers from 0 to below 1.
 */
export function chooseFault(
  faults: readonly OrderedFault[],
  tallies: readonly Tally[],
  call: CallFacts,
  random: () => number,
): { effect: Effect | undefined; tallies: Tally[] } {
  let effect: Effect | undefined;
  const counted = faults.map((fault, index) => {
    const { seen, hits } = tallies[index] ?? { seen: 0, hits: 0 };
    if (!matches(fault, call)) return { seen, hits };
    const ready = effect === undefined && seen >= fault.after && hits < fault.times;
    // A certain fault takes no number, so that others of the list keep theirs.
    const hit = ready && (fault.probability === 1 || random() < fault.probability);
    if (hit) effect = fault.effect;
    return { seen: seen + 1, hits: hits + (hit ? 1 : 0) };
  });
  return { effect, tallies: counted };
}

/** Numbers that follow from `seed` alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
