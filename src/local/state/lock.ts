import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-id.ts';

/** A lock that this process holds until it releases it or dies. */
export interface Lock {
  readonly release: () => Promise<void>;
}

/** Somebody else holds the lock, and is alive. */
export class LockHeld extends Error {
  readonly pid: number;
  constructor(path: string, pid: number) {
    super(`process ${pid} holds ${path}`);
    this.pid = pid;
  }
}

let counter = 0;

/**
 * Takes the lock file at `path`, which names its holder; one whose holder is dead is taken over. Waits up to
 * `waitMs` (default 0) for a live holder, then throws LockHeld.
 */
export async function acquireLock(
  path: string,
  { waitMs = 0, onWait }: { waitMs?: number; onWait?: (pid: number) => void } = {},
): Promise<Lock> {
  const mine = `${path}.${process.pid}-${++counter}`;
  const content = JSON.stringify(identify(process.pid));
  const deadline = Date.now() + waitMs;
  let told = false;
  await writeFile(mine, content, { mode: 0o644 });
  try {
    for (;;) {
      // link() is atomic and fails when the name is taken, and the content is there from the first moment.
      const taken = await link(mine, path).then(() => true, isTaken);
      if (taken) return { release: () => release(path, content) };
      const holder = await readHolder(path);
      if (holder === undefined || !isAlive(holder)) {
        await removeStale(path, `${mine}.stale`);
        continue;
      }
      if (Date.now() >= deadline) throw new LockHeld(path, holder.pid);
      if (!told) onWait?.(holder.pid);
      told = true;
      await sleep(100);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

function isTaken(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
  throw error;
}

async function release(path: string, content: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) === content) await unlink(path);
}

/** Moves the dead holder's lock aside; puts it back when another taker was quicker and it is a live one's. */
async function removeStale(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const holder = await readHolder(aside);
  if (holder !== undefined && isAlive(holder)) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value))
      return undefined;
    return { pid: Number(value.pid), startTime: String(value.startTime) };
  } catch {
    return undefined;
  }
}
