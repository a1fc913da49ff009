import type { MemoryCloud } from './memory-account.ts';

/**
 * How often others go on before it is a call's turn: pauses take time, and a process that is held up for two minutes has
 * lost its lock, as docs/promote.md says.
 */
const mostPassed = 4;

/** Lets one call, or one pause, of several processes at a time go on: the schedule picks it. */
export function interleaved(cloud: MemoryCloud, schedule: readonly number[]) {
  const waiting: { go: () => void; passed: number }[] = [];
  let at = 0;
  const turn = () => new Promise<void>((go) => waiting.push({ go, passed: 0 }));
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
        const late = waiting.findIndex(({ passed }) => passed >= mostPassed);
        const pick = late === -1 ? (schedule[at % schedule.length] ?? 0) % Math.max(1, waiting.length) : late;
        at += 1;
        waiting.splice(pick, 1)[0]?.go();
        for (const one of waiting) one.passed += 1;
      }
      cloud.gate = () => undefined;
      return ends;
    },
  };
}
