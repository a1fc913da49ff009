import type { State } from '../state/model.ts';

/** What the state was before each of the last writes. */
export interface History {
  /** To be called before a write; what it returns, after it. Keeps for `keepSeconds`, nothing for 0. */
  readonly note: (state: State, keepSeconds: number) => () => void;
  /** The state before the writes of the last so many seconds, also of those under way; undefined for the present one. */
  readonly before: (seconds: number) => State | undefined;
}

/** Makes a history. `now` answers milliseconds. */
export function keepHistory(now: () => number): History {
  let writes: { readonly before: string; endedAt: number }[] = [];
  return {
    note: (state, keepSeconds) => {
      writes = writes.filter(({ endedAt }) => endedAt > now() - keepSeconds * 1000);
      if (keepSeconds === 0) return () => undefined;
      const write = { before: JSON.stringify(state), endedAt: Infinity };
      writes.push(write);
      return () => (write.endedAt = now());
    },
    before: (seconds) => {
      const write = writes.find(({ endedAt }) => endedAt > now() - seconds * 1000);
      return write && (JSON.parse(write.before) as State);
    },
  };
}
