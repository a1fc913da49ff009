import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { releaseIpForward } from './machines/ip-forward.ts';
import { clearLeftovers, namesOf } from './machines/leftovers.ts';
import { acquireLock, LockHeld } from './state/lock.ts';
import { pathsOf } from './state/paths.ts';

/**
 * What guard() runs when a local cloud was killed: takes its machines, mounts, bridge and forwarding from this computer.
 * Does nothing where a next cloud has come first: that one has done it.
 */
const paths = pathsOf(resolve(process.argv[2] ?? ''));
const clear = async () => {
  await clearLeftovers(paths);
  await releaseIpForward(namesOf(paths).bridge);
};
if (!existsSync(paths.root)) await clear();
else {
  const opening = await acquireLock(paths.opening, { waitMs: 60_000 });
  try {
    const lock = await acquireLock(paths.lock);
    await clear().finally(lock.release);
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
  } finally {
    await opening.release();
  }
}
