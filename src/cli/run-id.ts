import { randomBytes } from 'node:crypto';

/**
 * The id of this run: Jenkins' BUILD_TAG, else a new one. It becomes a tag and part of a key pair's name, so what
 * those do not take is replaced.
 */
export function runId(environment: NodeJS.ProcessEnv, now: Date): string {
  const tag = jenkinsRun(environment);
  if (tag !== undefined) return tag;
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `run-${stamp}-${randomBytes(3).toString('hex')}`;
}

/** The id of the Jenkins build that we are part of; undefined: of none. */
export function jenkinsRun(environment: NodeJS.ProcessEnv): string | undefined {
  const tag = asRunId(environment.BUILD_TAG ?? '');
  return tag === '' ? undefined : tag;
}

/** A name that Jenkins gives a build as the id of its run. Of a long one the middle goes: its end is the build's number. */
export function asRunId(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]+/g, '-');
  return safe.length <= 120 ? safe : `${safe.slice(0, 60)}${safe.slice(-60)}`;
}
