import { chmodSync, existsSync, lchownSync, lstatSync, readdirSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attempt, command } from '../machines/command.ts';
import { firstMachineUser } from '../machines/disk.ts';
import { acquireLock } from '../state/lock.ts';
import { shortHash } from '../state/ids.ts';
import type { BaseImage } from './base-image.ts';

const setIds = 0o6000;

/** Says whether this kernel gives a machine users of its own; in some containers and kernels it does not. */
export function hasUserNamespaces(): Promise<boolean> {
  return attempt('unshare', ['--user', 'true']);
}

/** A copy of `base` whose files belong to the machines' users; made once, beside it in the cache (a second). */
export function ofMachineUsers(base: BaseImage): BaseImage {
  const directory = `${base.directory}-users`;
  return {
    release: base.release,
    hash: shortHash(`${base.hash} users ${firstMachineUser}`, 16),
    directory,
    build: async (say, signal) => {
      if (existsSync(directory)) return;
      await base.build(say, signal);
      const lock = await acquireLock(`${directory}.lock`, { waitMs: 5 * 60_000 });
      try {
        if (!existsSync(directory)) await copy(base.directory, directory);
      } finally {
        await lock.release();
      }
    },
  };
}

async function copy(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  // What a killed copy left; the lock says that nobody else is at it.
  for (const name of readdirSync(folder).filter((one) => one.startsWith(`${basename(to)}.copying-`)))
    await rm(join(folder, name), { recursive: true, force: true });
  const work = await mkdtemp(`${to}.copying-`);
  const root = join(work, 'root');
  try {
    await command('cp', ['-a', '--reflink=auto', '--', from, root]);
    giveToMachineUsers(root);
    await rename(root, to);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Gives all of a tree to the machines' users, one number for the other; what they have already stays. */
export function giveToMachineUsers(path: string): void {
  const { uid, gid, mode } = lstatSync(path);
  const shifted = (id: number) => (id < firstMachineUser ? firstMachineUser + id : id);
  lchownSync(path, shifted(uid), shifted(gid));
  // The kernel takes these bits away with the owner.
  if ((mode & setIds) !== 0) chmodSync(path, mode & 0o7777);
  if ((mode & 0o170000) !== 0o040000) return;
  for (const name of readdirSync(path)) giveToMachineUsers(join(path, name));
}
