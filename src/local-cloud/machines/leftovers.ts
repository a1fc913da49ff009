import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { State } from '../state/model.ts';
import type { Paths } from '../state/paths.ts';
import { shortHash } from '../state/ids.ts';
import { sweepLayers } from '../state/layers.ts';
import { removeCgroups } from './cgroup.ts';
import { mountsUnder, unmountDisk } from './disk.ts';
import { removeNetwork } from './network.ts';
import { endProcesses } from './processes.ts';

/**
 * Clears what a killed cloud left of this state folder: machines, mounts, cgroups, bridge, nftables table. Found by
 * names that follow from the folder alone, so that nothing has to have been written down in time.
 */
export async function clearLeftovers(paths: Paths): Promise<void> {
  const { bridge, machines } = namesOf(paths);
  // Their server's death has already told them to power off: let them, it also ends their processes in order.
  await endProcesses(paths.machines, 5000);
  for (const point of await mountsUnder(paths.machines)) await unmountDisk(point);
  await removeCgroups(machines);
  await removeNetwork(bridge);
  await rm(paths.scratch, { recursive: true, force: true });
}

/** The names of a cloud's bridge (and nftables table), and what those of its machines begin with. */
export function namesOf({ root }: Paths): { bridge: string; machines: string } {
  return { bridge: `bh-${shortHash(root, 8)}`, machines: `b${shortHash(root, 5)}` };
}

/** Deletes the folders that no region knows: of ended instances, lost volumes, unused layers. */
export async function clearFolders(paths: Paths, states: readonly State[]): Promise<void> {
  for (const id of await readdir(paths.volumes)) {
    if (!states.some(({ volumes }) => Object.hasOwn(volumes, id)))
      await rm(join(paths.volumes, id), { recursive: true, force: true });
  }
  for (const id of await readdir(paths.machines)) {
    await rm(join(paths.machines, id), { recursive: true, force: true });
  }
  await sweepLayers(paths, states);
}
