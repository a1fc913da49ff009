import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LocalCloudError } from '../local-cloud-error.ts';
import type { Paths } from './paths.ts';

/**
 * Makes `folder`, or takes the one that is there, for nobody but root (0700). What machines write lies in it with the
 * ids of their own users: neither a user of this computer who has the same id nor one who looks for a machine's
 * set-user-id program may reach it. Throws a LocalCloudError (exit code 2) where the folder is another user's.
 */
export async function takeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  if (uid !== process.geteuid?.())
    throw new LocalCloudError(`${folder} belongs to user ${uid}, not to root: give another folder`, 2);
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700);
}

/** As takeFolder(), for a state folder: one that has no state yet must not hold anything else (`--state /tmp`). */
export async function takeStateFolder(paths: Paths): Promise<void> {
  const { root, ...parts } = paths;
  const known = [...Object.values(parts).map((path) => basename(path)), 'lost+found'];
  const names = await readdir(root).catch((): string[] => []);
  const foreign = names.find((name) => !known.includes(name));
  if (foreign !== undefined && !names.includes(basename(paths.state)))
    throw new LocalCloudError(
      `${root} holds ${JSON.stringify(foreign)} and no state of a local cloud: give a folder of its own`,
      2,
    );
  await takeFolder(root);
}
