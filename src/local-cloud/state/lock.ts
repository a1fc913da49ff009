import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno } from './errno.ts';

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

/** flock(1) ends with it when another process has the lock; its own failures end with 64 and more. */
const taken = 1;

/**
 * Takes the lock in the file `path`. Waits up to `waitMs` (default 0) for its holder, then throws LockHeld. The kernel
 * ties the lock to the open file, and takes it back when this process dies, so that none is ever stale. The folder must
 * be one that only root can write: whoever can open the file can hold the lock. The file says who holds it.
 */
export async function acquireLock(
  path: string,
  { waitMs = 0, onWait }: { waitMs?: number; onWait?: (pid: number) => void } = {},
): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + waitMs;
  let told = false;
  for (;;) {
    const lock = await tryLock(path);
    if (lock !== undefined) return lock;
    const pid = await holderOf(path);
    // It let go just now.
    if (pid === undefined) continue;
    if (Date.now() >= deadline) throw new LockHeld(path, pid);
    if (!told) onWait?.(pid);
    told = true;
    await sleep(100);
  }
}

/** A number and not a FileHandle, which closes its file when it is no longer referred to. */
async function tryLock(path: string): Promise<Lock | undefined> {
  const fd = openSync(path, 'a+', 0o600);
  try {
    if (isLocked(fd) && (await isStillAt(fd, path))) return hold(path, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

/** Locks what is open here, by a program that gets it handed over: the lock is the open file's, not the program's. */
function isLocked(fd: number): boolean {
  const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  if (status === 0 || status === taken) return status === 0;
  throw error ?? new Error(`flock ended with ${status ?? 'a signal'}`);
}

/** The file that was locked may be one that its holder has just removed. */
async function isStillAt(fd: number, path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  return there?.ino === fstatSync(fd).ino;
}

function hold(path: string, fd: number): Lock {
  try {
    ftruncateSync(fd);
    writeSync(fd, `${JSON.stringify({ pid: process.pid })}\n`);
  } catch {
    // A full disk must not keep the cloud from starting, or nobody could delete anything.
  }
  return {
    release: async () => {
      await rm(path, { force: true });
      closeSync(fd);
    },
  };
}

/** Who wrote itself into the file; 0: not said (yet). Undefined: the file has gone. */
async function holderOf(path: string): Promise<number | undefined> {
  try {
    return (JSON.parse((await readFile(path, 'utf8')) || '{}') as { pid?: number }).pid ?? 0;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (error instanceof SyntaxError) return 0;
    throw error;
  }
}
