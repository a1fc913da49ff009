import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { metadataFacts } from '../metadata/tree.ts';
import type { Instance, Reason, State } from '../state/model.ts';
import type { Paths } from '../state/paths.ts';
import type { Store } from '../state/store.ts';
import { shortHash } from '../state/ids.ts';
import { makeVolumeFolder, sweepLayers } from '../state/layers.ts';
import { captureDisk, type Capture } from './capture.ts';
import { mountDisk, unmountDisk } from './disk.ts';
import { hostName, writeDrive } from './drive.ts';
import { namesOf } from './leftovers.ts';
import type { Network } from './network.ts';
import { portOf, startMachine, type Machine } from './nspawn.ts';
import { makeQueue } from './queue.ts';
import { answers } from './reachable.ts';
import { byItself, byServer, endInstance, isLeaving, launchFailure, moveOn } from './states.ts';

const onlineMs = 60_000;
/** An image need not have ssh. */
const sshMs = 5_000;
const powerOffMs = 30_000;
const closeMs = 8_000;

/** What the API asks of the machines. All return at once; the instance's state tells how far it is. */
export interface Machines {
  /** Boots a pending instance, new or stopped. */
  readonly boot: (id: string) => void;
  readonly stop: (id: string, force: boolean) => void;
  readonly reboot: (id: string) => void;
  readonly terminate: (id: string) => void;
  /** Takes the layers of a volume, and hands them to `take` before anything else happens to it. */
  readonly capture: (volumeId: string, how: Capture, take: (layers: string[]) => void) => Promise<void>;
  /** Makes the folders of a new volume. */
  readonly prepare: (volumeId: string) => void;
  /** Deletes the files of volumes that are no longer in the state, and the layers under them if nobody else uses them. */
  readonly discard: (volumeIds: readonly string[]) => Promise<void>;
  /** What a machine has written to its console. */
  readonly readConsole: (id: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface MachinesNeed {
  readonly paths: Paths;
  readonly store: Store;
  /** Of all regions: a layer stays while one of them needs it. */
  readonly states: readonly State[];
  readonly network: Pick<Network, 'bridge' | 'prefix' | 'admit'>;
  readonly now: () => Date;
  readonly warn: (line: string) => void;
  /** Builds those of the layers that are base images and not there yet. */
  readonly buildBases: (layers: readonly string[]) => Promise<void>;
}

/** Makes the keeper of all machines of one region. */
export function keepMachines({
  paths,
  store,
  states,
  network,
  now,
  warn,
  buildBases,
}: MachinesNeed): Machines {
  const queue = makeQueue();
  const running = new Map<string, Machine>();
  let closing = false;

  const discard = async (volumeIds: readonly string[]) => {
    for (const id of volumeIds) await rm(join(paths.volumes, id), { recursive: true, force: true });
    await sweepLayers(paths, states);
  };
  const rootOf = (id: string) => join(paths.machines, id, 'root');
  const instanceOf = (id: string): Instance => {
    const instance = store.state.instances[id];
    if (instance === undefined) throw new Error(`instance ${id} has gone from the state`);
    return instance;
  };
  const enqueue = (id: string, task: () => Promise<void>) => {
    queue.add(id, task).catch((error: unknown) => {
      warn(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  };

  const up = async (id: string) => {
    const instance = instanceOf(id);
    const volume = store.state.volumes[instance.rootVolumeId];
    if (volume === undefined) throw new Error(`its root volume ${instance.rootVolumeId} is gone`);
    await buildBases(volume.layers);
    const folder = join(paths.machines, id);
    const hosts = await readFile(paths.hosts, 'utf8').catch(() => '');
    const { ownUsers = false } = store.state.account;
    await writeDrive(join(folder, 'drive'), instance, {
      gateway: `${network.prefix}.1`,
      hosts,
      facts: metadataFacts(instance, store.state),
      ownUsers,
    });
    await mountDisk(paths, volume, rootOf(id), ownUsers);
    const name = `${namesOf(paths).machines}${shortHash(id, 6)}`;
    await network.admit(portOf(name), instance);
    const machine = startMachine({
      name,
      folder,
      bridge: network.bridge,
      ownUsers,
      hostname: hostName(instance.address),
    });
    running.set(id, machine);
    void machine.ended.then(() => {
      // Still in the map: nobody here has stopped it.
      if (running.get(id) === machine) enqueue(id, () => poweredOff(id, machine));
    });
    await machine.online(onlineMs);
    await answers(instance.address, 22, sshMs, () => closing || running.get(id) !== machine);
  };

  const down = async (id: string, timeoutMs: number) => {
    const machine = running.get(id);
    running.delete(id);
    await machine?.powerOff(timeoutMs);
    await unmountDisk(rootOf(id));
  };

  const end = async (id: string, reason?: Reason) => {
    let gone: string[] = [];
    store.note((state) => {
      gone = endInstance(state, instanceOf(id), now(), reason);
    });
    await rm(join(paths.machines, id, 'drive'), { recursive: true, force: true });
    await discard(gone);
  };

  const stopped = (id: string) => {
    store.note(() => {
      // It may have been terminated meanwhile, which is done next.
      if (instanceOf(id).state === 'stopping') moveOn(instanceOf(id), 'stopped', now());
    });
  };

  const upOrEnd = async (id: string) => {
    try {
      await up(id);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!closing) warn(`${id} does not boot: ${message}`);
      await down(id, 0);
      await end(id, launchFailure(message));
    }
  };

  const poweredOff = async (id: string, machine: Machine) => {
    // Asked to stop or terminate meanwhile: that task is in the queue already.
    if (running.get(id) !== machine || isLeaving(instanceOf(id))) return;
    const terminate = instanceOf(id).shutdownBehavior === 'terminate';
    store.note(() => {
      moveOn(instanceOf(id), terminate ? 'shutting-down' : 'stopping', now(), byItself);
    });
    await down(id, 0);
    if (terminate) await end(id);
    else stopped(id);
  };

  return {
    boot: (id) => {
      enqueue(id, async () => {
        if (closing || instanceOf(id).state !== 'pending') return;
        await upOrEnd(id);
        store.note(() => {
          const instance = instanceOf(id);
          // It may have been told to stop meanwhile, and does so next.
          if (instance.state === 'pending') moveOn(instance, 'running', now());
        });
      });
    },
    stop: (id, force) => {
      enqueue(id, async () => {
        if (instanceOf(id).state !== 'stopping') return;
        await down(id, force ? 0 : powerOffMs);
        stopped(id);
      });
    },
    reboot: (id) => {
      enqueue(id, () => {
        running.get(id)?.reboot();
        return Promise.resolve();
      });
    },
    terminate: (id) => {
      enqueue(id, async () => {
        if (instanceOf(id).state !== 'shutting-down') return;
        await down(id, powerOffMs);
        await end(id);
      });
    },
    capture: (volumeId, how, take) => {
      const id = store.state.volumes[volumeId]?.attachment?.instanceId ?? volumeId;
      return queue.add(id, async () => {
        const machine = running.get(id);
        const restart = machine !== undefined && how === 'rest';
        if (restart) await down(id, powerOffMs);
        try {
          await captureDisk({ paths, store, volumeId, live: restart ? undefined : machine, take });
        } finally {
          if (restart && !closing && instanceOf(id).state === 'running') await upOrEnd(id);
        }
      });
    },
    prepare: (volumeId) => {
      makeVolumeFolder(paths, volumeId);
    },
    discard,
    readConsole: (id) => readFile(join(paths.machines, id, 'console.log'), 'utf8').catch(() => ''),
    close: async () => {
      closing = true;
      await Promise.all([...running.keys()].map((id) => down(id, closeMs)));
      await queue.idle();
      await Promise.all([...running.keys()].map((id) => down(id, closeMs)));
      const left = Object.values(store.state.instances).filter(({ state }) => state !== 'terminated');
      for (const { id } of left) await end(id, byServer);
    },
  };
}
