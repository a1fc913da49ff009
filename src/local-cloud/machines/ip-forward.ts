import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '../state/lock.ts';
import { identify, isAlive } from '../state/process-id.ts';

const setting = '/proc/sys/net/ipv4/ip_forward';
// In /run, because the setting too begins anew with each boot of the host.
const folder = '/run/bakehouse-ip-forward';
const original = join(folder, 'original');
const users = join(folder, 'users');

/**
 * Turns forwarding on for the cloud `name` and returns how to let go of it. The first cloud remembers what it found;
 * the last one out puts that back. One that was killed counts no longer, and its next start still knows the original.
 */
export async function holdIpForward(name: string): Promise<() => Promise<void>> {
  const mine = join(users, name);
  await locked(async () => {
    await mkdir(users, { recursive: true });
    await dropDeadUsers();
    const found = (await readFile(setting, 'utf8')).trim();
    await writeFile(original, found, { flag: 'wx' }).catch(() => undefined);
    await writeFile(mine, JSON.stringify(identify(process.pid)));
    if (found !== '1') await writeFile(setting, '1');
  });
  return () => releaseIpForward(name);
}

/** Lets go of forwarding for the cloud `name`, also for one that was killed. */
export function releaseIpForward(name: string): Promise<void> {
  return locked(async () => {
    await mkdir(users, { recursive: true });
    await rm(join(users, name), { force: true });
    await dropDeadUsers();
    if ((await readdir(users)).length > 0) return;
    await writeFile(setting, (await readFile(original, 'utf8').catch(() => '1')).trim());
    await rm(original, { force: true });
    await rm(users, { recursive: true, force: true });
  });
}

async function dropDeadUsers(): Promise<void> {
  for (const name of await readdir(users)) {
    const content = await readFile(join(users, name), 'utf8').catch(() => '');
    if (!holderLives(content)) await rm(join(users, name), { force: true });
  }
}

function holderLives(content: string): boolean {
  try {
    const { pid, startTime } = JSON.parse(content) as { pid: number; startTime: string };
    return isAlive({ pid, startTime });
  } catch {
    return false;
  }
}

async function locked(task: () => Promise<void>): Promise<void> {
  const lock = await acquireLock(join(folder, 'lock'), { waitMs: 30_000 });
  try {
    await task();
  } finally {
    await lock.release();
  }
}
