import { readFileSync, readdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from '../state/model.ts';
import type { Paths } from '../state/paths.ts';
import { identify, isAlive, type ProcessIdentity } from '../state/process-id.ts';
import { shortHash } from '../state/ids.ts';
import { sweepLayers } from '../state/layers.ts';
import { removeCgroups } from './cgroup.ts';
import { mountsUnder, unmountDisk } from './disk.ts';
import { removeNetwork } from './network.ts';

/**
 * Clears what a killed cloud left of this state folder: machines, mounts, cgroups, bridge, nftables table. Found by
 * names that follow from the folder alone, so that nothing has to have been written down in time.
 */
export async function clearLeftovers(paths: Paths): Promise<void> {
  const { bridge, machines } = namesOf(paths);
  await killMachines(paths);
  for (const point of await mountsUnder(paths.machines)) await unmountDisk(point);
  removeCgroups(machines);
  await removeNetwork(bridge);
  await rm(paths.scratch, { recursive: true, force: true });
}

/** The names of a cloud's bridge (and nftables table), and what those of its machines begin with. */
export function namesOf({ root }: Paths): { bridge: string; machines: string } {
  return { bridge: `bh-${shortHash(root, 8)}`, machines: `b${shortHash(root, 5)}` };
}

/** Deletes the folders that the state does not know: of ended instances, lost volumes, unused layers. */
export async function clearFolders(paths: Paths, state: State): Promise<void> {
  for (const id of await readdir(paths.volumes)) {
    if (!Object.hasOwn(state.volumes, id))
      await rm(join(paths.volumes, id), { recursive: true, force: true });
  }
  for (const id of await readdir(paths.machines)) {
    await rm(join(paths.machines, id), { recursive: true, force: true });
  }
  await sweepLayers(paths, state);
}

async function killMachines(paths: Paths): Promise<void> {
  const found = findMachines(`--directory=${paths.machines}/`);
  const ended = async (waitMs: number) => {
    const deadline = Date.now() + waitMs;
    while (found.some(isAlive) && Date.now() < deadline) await sleep(50);
    return !found.some(isAlive);
  };
  // Their server's death has already told them to power off: let them, it also ends their processes in order.
  if (await ended(5000)) return;
  for (const machine of found.filter(isAlive)) process.kill(machine.pid, 'SIGKILL');
  await ended(5000);
}

function findMachines(argument: string): ProcessIdentity[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const identity = identify(Number(name));
    const words = readCommandLine(name);
    const ours = words[0] === 'systemd-nspawn' && words.some((word) => word.startsWith(argument));
    return ours && identity !== undefined ? [identity] : [];
  });
}

function readCommandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
