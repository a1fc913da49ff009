/**
 * What all of these tasks answer, once none of them is pending any more.
 * @throws what the first one threw to fail; the others were waited for all the same, so that no call is still under
 * way and no rejection is left to nobody
 */
export async function together<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  const errors: unknown[] = [];
  await Promise.allSettled(tasks.map((task) => task.catch((error: unknown) => errors.push(error))));
  if (errors.length > 0) throw errors[0];
  return Promise.all(tasks);
}
