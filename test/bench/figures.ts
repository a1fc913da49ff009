/** Times of several runs in ms, as the three figures that are quoted. */
export function figures(times: readonly number[], unit: 's' | 'ms' = 's'): string {
  const sorted = [...times].sort((a, b) => a - b);
  const shown = (ms: number | undefined) =>
    unit === 's' ? ((ms ?? Number.NaN) / 1000).toFixed(2) : (ms ?? Number.NaN).toFixed(0);
  return `median ${shown(median(sorted))} ${unit} (${shown(sorted[0])} to ${shown(sorted.at(-1))}, ${times.length} runs)`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Wall time of something, ms. */
export async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}
