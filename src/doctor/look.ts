import { setTimeout as sleep } from 'node:timers/promises';
import { CloudError, codeOf } from '../aws/ec2-failure.ts';
import { type LookFailure, noSource } from './judge-account.ts';

/** What a look into the account has brought. */
export type Look<T> = { answer: T } | { failure: LookFailure };

/** Waits for an answer of AWS, at most so long. An error that is none of AWS's is thrown: it is a bug. */
export async function look<T>(answer: Promise<T>, limitMs: number): Promise<Look<T>> {
  const patience = new AbortController();
  const late = sleep(limitMs, undefined, { signal: patience.signal, ref: false }).then(() => ({
    failure: {
      problem: 'timeout' as const,
      code: 'TimeoutError',
      message: `AWS has not answered within ${limitMs / 1000} s`,
      call: undefined,
    },
  }));
  late.catch(() => undefined);
  const settled = answer.then(
    (value) => ({ answer: value }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    patience.abort();
  }
}

function failureOf(error: unknown): LookFailure {
  if (!(error instanceof Error)) throw error;
  const call = 'call' in error && typeof error.call === 'string' ? error.call : undefined;
  if (error instanceof CloudError) {
    const code = codeOf(error.cause);
    // What follows from it is said with the finding.
    const message = code === noSource ? (error.cause as Error).message : error.message;
    return { problem: error.problem, code, message, call };
  }
  if (!('$metadata' in error)) throw error;
  return { problem: undefined, code: codeOf(error), message: error.message, call };
}
