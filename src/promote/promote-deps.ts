import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { cloudTime } from '../aws/connect.ts';
import { runId } from '../cli/run-id.ts';
import type { LockDeps } from './pointer-lock.ts';

/** What {@link takeLock} needs of this process. */
export function lockDeps({ say, signal }: Pick<LockDeps, 'say' | 'signal'>): LockDeps {
  // A pipeline run may have several processes, and one that is run again must not take the first one's lock for its own.
  const run = `${runId(process.env, new Date())}-${randomBytes(4).toString('hex')}`;
  return { run, now: cloudTime, pause, say, signal };
}

/** Pauses that end with the signal. */
export function pauseUntil(signal: AbortSignal): (ms: number) => Promise<unknown> {
  return (ms) => pause(ms, undefined, { signal }).catch(() => undefined);
}
