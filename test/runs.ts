import fc from 'fast-check';

/** How much of the property and mutation suites runs: a tenth for a commit, all of it in `npm run test:nightly`. */
const share = process.env.BAKEHOUSE_NIGHTLY === '1' ? 1 : 0.1;

/**
 * What decides all random inputs of this run: test/run.ts chooses and prints it, and BAKEHOUSE_SEED repeats it. Tests
 * take fast-check from here, so that none has a seed of its own.
 */
const seed = Number(process.env.BAKEHOUSE_SEED ?? Date.now() % 2 ** 31);
fc.configureGlobal({ seed });
export { fc };

/** This run's share of a number, at least 1. */
export const shareOf = (count: number) => Math.max(1, Math.round(count * share));

/** Parameters of fast-check for a suite that has `count` runs at night. */
export const runs = (count: number) => ({ numRuns: shareOf(count) });

/** This run's share of a list, in its order, and no fewer than `least`. */
export function part<T>(list: readonly T[], least = 1): T[] {
  const count = Math.max(least, shareOf(list.length));
  const length = { minLength: count, maxLength: count };
  return fc.sample(fc.subarray([...list], length), { numRuns: 1 }).flat();
}

/**
 * Any character of Unicode, as `fc.string({ unit: 'binary' })` has them: that costs a second in each file, for a table of
 * them all.
 */
export const character = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((at) => String.fromCodePoint(at < 0xd800 ? at : at + 0x800));
