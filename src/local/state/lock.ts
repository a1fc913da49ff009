import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type Server } from 'node:net';
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

/**
 * Takes the lock named `path`. Waits up to `waitMs` (default 0) for its holder, then throws LockHeld. The lock is a
 * socket in Linux's abstract namespace: only one process can have it, and the kernel takes it back when that dies,
 * so that none is ever stale. The file at `path` is for people: it says who holds the lock.
 */
export async function acquireLock(
  path: string,
  { waitMs = 0, onWait }: { waitMs?: number; onWait?: (pid: number) => void } = {},
): Promise<Lock> {
  const name = `\0bakehouse-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  const deadline = Date.now() + waitMs;
  let told = false;
  for (;;) {
    const server = await listen(name);
    if (server !== undefined) return hold(path, server);
    const pid = await askHolder(name);
    // It let go just now.
    if (pid === undefined) continue;
    if (Date.now() >= deadline) throw new LockHeld(path, pid);
    if (!told) onWait?.(pid);
    told = true;
    await sleep(100);
  }
}

async function hold(path: string, server: Server): Promise<Lock> {
  const release = async () => {
    await rm(path, { force: true });
    await new Promise((resolve) => server.close(resolve));
  };
  // A full disk must not keep the cloud from starting, or nobody could delete anything.
  await writeFile(path, `${JSON.stringify({ pid: process.pid })}\n`).catch(() => undefined);
  return { release };
}

function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${process.pid}`);
    });
    server.unref();
    server.once('error', (error) => {
      if (isErrno(error, 'EADDRINUSE')) resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      resolve(server);
    });
  });
}

function askHolder(name: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(name);
    socket.setEncoding('utf8').on('data', (text: string) => (said += text));
    socket.once('error', () => {
      resolve(undefined);
    });
    // A holder that is stopped (SIGSTOP) says nothing, and holds it all the same.
    socket.setTimeout(2000, () => {
      resolve(0);
      socket.destroy();
    });
    socket.once('close', () => {
      resolve(said === '' ? undefined : Number(said));
    });
  });
}
