import type { MemoryCloud } from './memory-account.ts';

/** Lets one call, or one pause, of several processes at a time go on: the schedule picks it. */
export function interleaved(cloud: MemoryCloud, schedule: readonly number[]) {
  const waiting: (() => void)[] = [];
  let at = 0;
  const turn = () => new Promise<void>((resolve) => waiting.push(resolve));
  return {
    /** What a process does in place of waiting. */
    pause: async (ms: number): Promise<void> => {
      await turn();
      cloud.nowMs += ms;
    },
    /** Runs them all to their ends. */
    run: async <T>(processes: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> => {
      const state = { running: processes.length };
      cloud.gate = (_region, _call, when) => (when === 'before' ? turn() : undefined);
      const ends = Promise.allSettled(
        processes.map((process) =>
          process().finally(() => {
            state.running -= 1;
          }),
        ),
      );
      while (state.running > 0) {
        // Whatever goes on without a call has gone on by then.
        await new Promise((resolve) => setImmediate(resolve));
        const pick = (schedule[at++ % schedule.length] ?? 0) % Math.max(1, waiting.length);
        waiting.splice(pick, 1)[0]?.();
      }
      cloud.gate = () => undefined;
      return ends;
    },
  };
}
