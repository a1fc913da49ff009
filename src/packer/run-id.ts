import { randomBytes } from 'node:crypto';

/**
 * The id of this run: Jenkins' BUILD_TAG, else a new one. It becomes a tag and part of a key pair's name, so what
 * those do not take is replaced.
 */
export function runId(environment: NodeJS.ProcessEnv, now: Date): string {
  const tag = (environment.BUILD_TAG ?? '').replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 120);
  if (tag !== '') return tag;
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `run-${stamp}-${randomBytes(3).toString('hex')}`;
}
