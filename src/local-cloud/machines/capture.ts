import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { freezeUpper, maxLayers, newLayerName, thawUpper } from '../state/layers.ts';
import type { Paths } from '../state/paths.ts';
import type { Store } from '../state/store.ts';
import { freezeCgroup } from './cgroup.ts';
import { command } from './command.ts';
import type { Machine } from './nspawn.ts';

/** `rest`: a running machine is powered off for it and booted again; `live`: it only holds its breath. */
export type Capture = 'rest' | 'live';

interface CaptureNeed {
  readonly paths: Paths;
  readonly store: Store;
  readonly volumeId: string;
  /** The machine that still writes to the volume, if it runs. */
  readonly live: Machine | undefined;
  readonly take: (layers: string[]) => void;
}

/** Makes a layer of what a volume has written since the last one, and hands the whole stack to `take`. */
export async function captureDisk({ paths, store, volumeId, live, take }: CaptureNeed): Promise<void> {
  const volume = store.state.volumes[volumeId];
  if (volume === undefined) throw new Error(`volume ${volumeId} has gone`);
  if (volume.layers.length >= maxLayers) {
    throw new Error(`an image here is at most ${maxLayers} layers deep: bake from the base image again`);
  }
  if (live === undefined) {
    const layer = freezeUpper(paths, volumeId);
    const stack = [layer, ...volume.layers];
    try {
      // One write: either the image has its layer and the volume stands on it, or neither.
      store.change(() => {
        volume.layers = stack;
        take(stack);
      });
    } catch (error) {
      thawUpper(paths, volumeId, layer);
      throw error;
    }
    return;
  }
  const name = newLayerName();
  const copy = join(paths.scratch, name);
  if (live.cgroup !== undefined) freezeCgroup(live.cgroup, true);
  try {
    await command('cp', ['-a', '--reflink=auto', '--', join(paths.volumes, volumeId, 'upper'), copy]);
  } finally {
    if (live.cgroup !== undefined) freezeCgroup(live.cgroup, false);
  }
  renameSync(copy, join(paths.layers, name));
  store.change(() => {
    take([name, ...volume.layers]);
  });
}
