import { chown, mkdir, readFile } from 'node:fs/promises';
import { relative, join } from 'node:path';
import type { Paths } from '../state/paths.ts';
import { attempt, command } from './command.ts';

/**
 * Where the machines' users begin among this computer's: user 0 of every machine is this one here, and 1000 is not the
 * first human. From the range that systemd reserves for containers (UIDS-GIDS.md: 524288 to 1879048191).
 */
export const firstMachineUser = 0x6b0d_0000;
/** How many users a machine has. */
export const machineUsers = 65_536;

/** Mounts a volume (its layers with its own writes on top) at `target`. */
export async function mountDisk(
  paths: Paths,
  volume: { readonly id: string; readonly layers: readonly string[] },
  target: string,
  ownUsers: boolean,
): Promise<void> {
  await mkdir(target, { recursive: true });
  const own = join(paths.volumes, volume.id);
  // It is the machine's root folder: its own user 0 must have it.
  if (ownUsers) await chown(join(own, 'upper'), firstMachineUser, firstMachineUser);
  // Relative to layers/: the names of a whole stack must fit in one page. index and metacopy would tie an upper
  // folder to the layers that it was made over, and here it becomes a layer itself.
  const options = [
    `lowerdir=${volume.layers.join(':')}`,
    `upperdir=${relative(paths.layers, join(own, 'upper'))}`,
    `workdir=${relative(paths.layers, join(own, 'work'))}`,
    'index=off',
    'metacopy=off',
  ];
  await command('mount', ['-t', 'overlay', '-o', options.join(','), 'overlay', target], {
    cwd: paths.layers,
  });
}

/** Unmounts `target`; lazily when something is stuck in it, so that it is at least gone from here. */
export async function unmountDisk(target: string): Promise<void> {
  if (await attempt('umount', [target])) return;
  await attempt('umount', ['--lazy', target]);
}

/** Returns the mount points under `folder`, the innermost first. */
export async function mountsUnder(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((point) => point.startsWith(`${folder}/`))
    .reverse();
}

/** The kernel writes blanks and backslashes in paths as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
