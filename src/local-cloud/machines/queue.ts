/** Runs tasks of the same key one after the other, of different keys at the same time. */
export interface Queue {
  /** The returned promise is the task's own; a failed task does not hold up the next. */
  readonly add: <T>(key: string, task: () => Promise<T>) => Promise<T>;
  /** Resolves when all that was added so far has ended. */
  readonly idle: () => Promise<void>;
}

/** Makes a queue. */
export function makeQueue(): Queue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    add: (key, task) => {
      const result = (tails.get(key) ?? Promise.resolve()).then(task);
      const tail = result.then(
        () => undefined,
        () => undefined,
      );
      tails.set(key, tail);
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
      return result;
    },
    idle: async () => {
      await Promise.all(tails.values());
    },
  };
}
