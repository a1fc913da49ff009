import { mkdir } from 'node:fs/promises';
import { type BaseImage, baseImage, type Release, releases } from '../base/base-image.ts';
import { hasUserNamespaces, ofMachineUsers } from '../base/machine-users.ts';
import type { Cloud } from '../cloud.ts';
import { forEachRegion, homeRegion, type Region, regions } from '../region.ts';
import { clearFolders, clearLeftovers, namesOf } from '../machines/leftovers.ts';
import { keepMachines } from '../machines/machines.ts';
import { leadToMetadata, limitHops, openNetwork } from '../machines/network.ts';
import { portOf } from '../machines/nspawn.ts';
import { serveMetadata } from '../metadata/serve.ts';
import { LocalCloudError } from '../local-cloud-error.ts';
import { objectFiles } from '../objects/object-files.ts';
import { diskRoom } from '../state/disk-room.ts';
import { firstAccount } from '../state/first-account.ts';
import { shortHash } from '../state/ids.ts';
import { baseLayerName } from '../state/layers.ts';
import { acquireLock, LockHeld } from '../state/lock.ts';
import { takeStateFolder } from '../state/own-folder.ts';
import { type Paths, pathsOf } from '../state/paths.ts';
import { openStores } from '../state/store.ts';
import { linkBase, offerBase } from './base-in-state.ts';
import { guard } from './guard.ts';
import { resumeState } from './resume.ts';

/** A machine writes some hundred MB while it is baked. */
const minFreeMb = 512;

interface Options {
  /** The state folder, an absolute path. */
  readonly root: string;
  /** Where base images are kept, for all clouds of this computer. */
  readonly cache: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Takes note of how to undo what has just been done; to be called in the opposite order at the end. */
  readonly undo: (step: () => Promise<void>) => void;
}

/** A cloud's regions. */
export type Clouds = Readonly<Record<Region, Cloud>>;

/** Opens the cloud of a state folder, all regions of it. Throws a LocalCloudError when another one already runs on it. */
export async function openCloud({ root, cache, say, signal, undo }: Options): Promise<Clouds> {
  const paths = pathsOf(root);
  await takeStateFolder(paths);
  undo(await takeState(paths));
  await clearLeftovers(paths);
  for (const folder of [paths.layers, paths.volumes, paths.machines, paths.scratch])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  undo(guard(root));
  const now = () => new Date();
  const ownUsers = await hasUserNamespaces();
  const stores = openStores(paths.state, () => firstAccount(ownUsers), say);
  const states = regions.map((region) => stores[region].state);
  const { account } = stores[homeRegion].state;
  if (account.ownUsers === true && !ownUsers)
    throw new LocalCloudError(
      `the machines of ${root} need user namespaces, which this kernel does not give: start on another --state folder`,
    );
  const bases = await basesOf(cache, account.ownUsers === true);
  const wanted = account.network || privateNetwork(root);
  const names = namesOf(paths);
  const network = await openNetwork(names.bridge, portOf(names.machines), wanted);
  undo(network.close);
  for (const base of bases) await linkBase(paths, base);
  // On the reserve: a full disk must not keep the cloud from starting, or nobody could delete anything.
  for (const region of regions)
    stores[region].release((state) => {
      state.account.network = network.prefix;
      resumeState(state, now());
      for (const base of bases) offerBase(state, base, now());
    });
  const metadata = await serveMetadata({
    address: `${network.prefix}.1`,
    states,
    limitHops: (to) => limitHops(network, to),
    warn: say,
  });
  undo(metadata.close);
  await leadToMetadata(network, metadata.port);
  await clearFolders(paths, states);
  // By the first machine that stands on it: a cloud uses one release as a rule, and a base costs a minute.
  const buildBases = async (layers: readonly string[]) => {
    for (const { hash, build } of bases) if (layers.includes(baseLayerName(hash))) await build(say, signal);
  };
  const room = diskRoom(root, minFreeMb);
  const objects = objectFiles(paths.objects);
  return forEachRegion((region) => {
    const store = stores[region];
    const machines = keepMachines({ paths, store, states, network, now, warn: say, buildBases });
    undo(machines.close);
    return { store, stores, machines, room, objects, now, warn: say };
  });
}

/** The base images of all releases; none is built yet. */
async function basesOf(cache: string, ownUsers: boolean): Promise<BaseImage[]> {
  const names = Object.keys(releases) as Release[];
  const plain = await Promise.all(names.map((release) => baseImage(cache, release)));
  return ownUsers ? plain.map(ofMachineUsers) : plain;
}

/** Takes the lock of the state folder, once nobody clears up in it any more. Throws a LocalCloudError when a cloud has it. */
async function takeState(paths: Paths): Promise<() => Promise<void>> {
  const opening = await acquireLock(paths.opening, { waitMs: 60_000 });
  try {
    return (await acquireLock(paths.lock)).release;
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    throw new LocalCloudError(
      `process ${error.pid} already runs a local cloud on ${paths.root}: use that one, stop it, or give another --state folder`,
    );
  } finally {
    await opening.release();
  }
}

/** A /24 to begin with, another one for each state folder, so that two clouds rarely want the same. */
function privateNetwork(root: string): string {
  const number = parseInt(shortHash(root, 4), 16);
  return `10.${64 + ((number >> 8) % 128)}.${number & 255}`;
}
