import { isThrottle } from './ec2-failure.ts';

/** How often one action was called. */
export interface CallCount {
  /** As IAM names it: `ec2:DescribeImages`. */
  action: string;
  /** All requests, those that repeat another included. */
  calls: number;
  /** Of them, repeats since the service wanted fewer calls. */
  afterThrottling: number;
  /** Of them, repeats after any other failure. */
  afterFailure: number;
}

const counts = new Map<string, CallCount>();

/** The calls of this process so far, in alphabetical order. */
export function callCounts(): CallCount[] {
  return [...counts.values()].map((count) => ({ ...count })).sort((a, b) => (a.action < b.action ? -1 : 1));
}

/**
 * Counts a request.
 * @param failed what its last attempt threw; none: it is the first
 */
export function countCall(action: string, failed?: { error: unknown }): void {
  const count = counts.get(action) ?? { action, calls: 0, afterThrottling: 0, afterFailure: 0 };
  count.calls++;
  if (failed !== undefined) {
    if (isThrottle(failed.error)) count.afterThrottling++;
    else count.afterFailure++;
  }
  counts.set(action, count);
}

/** Counts for a person, a line each: `ec2:DescribeImages 21 calls, 4 of them again after throttling`. */
export function callLines(all: readonly CallCount[]): string[] {
  return all.map(({ action, calls, afterThrottling, afterFailure }) =>
    [
      `${action} ${calls} ${calls === 1 ? 'call' : 'calls'}`,
      ...(afterThrottling === 0 ? [] : [`${afterThrottling} of them again after throttling`]),
      ...(afterFailure === 0 ? [] : [`${afterFailure} of them again after a failure`]),
    ].join(', '),
  );
}
