import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { State } from './model.ts';
import type { Paths } from './paths.ts';

/** A stack deeper than this would not fit in the page that mount(2) has for its options. */
export const maxLayers = 120;

const basePrefix = 'base-';

/** The name under `layers/` of a base image, a link into the cache that all clouds share. */
export function baseLayerName(hash: string): string {
  return `${basePrefix}${hash}`;
}

/** A name for a new layer. */
export function newLayerName(): string {
  return randomBytes(5).toString('hex');
}

/** The layers that some snapshot or volume of any region still stands on. */
export function layersInUse(states: readonly Pick<State, 'snapshots' | 'volumes'>[]): Set<string> {
  const stacks = states.flatMap(({ snapshots, volumes }) => [
    ...Object.values(snapshots),
    ...Object.values(volumes),
  ]);
  return new Set(stacks.flatMap(({ layers }) => layers));
}

/** Deletes the layers that nobody uses any more; a base image stays, it is the cache's. */
export async function sweepLayers(paths: Paths, states: readonly State[]): Promise<void> {
  for (const name of await readdir(paths.layers)) {
    // Asked for each anew: while one is being deleted, an image may have been made.
    if (name.startsWith(basePrefix) || layersInUse(states).has(name)) continue;
    await rm(join(paths.layers, name), { recursive: true, force: true });
  }
}

/** Makes the two folders that overlayfs writes to for a volume. */
export function makeVolumeFolder(paths: Paths, volumeId: string): void {
  for (const part of ['upper', 'work'])
    mkdirSync(join(paths.volumes, volumeId, part), { recursive: true, mode: 0o755 });
}

/**
 * Turns what a volume has written into a layer, by renaming: the bytes are not touched. The volume must not be
 * mounted. Synchronous, so that nothing sees the layer before the caller has noted it in the state.
 */
export function freezeUpper(paths: Paths, volumeId: string): string {
  const name = newLayerName();
  renameSync(join(paths.volumes, volumeId, 'upper'), join(paths.layers, name));
  makeVolumeFolder(paths, volumeId);
  return name;
}

/** Undoes freezeUpper(), for when the layer could not be noted. */
export function thawUpper(paths: Paths, volumeId: string, layer: string): void {
  const upper = join(paths.volumes, volumeId, 'upper');
  rmSync(upper, { recursive: true });
  renameSync(join(paths.layers, layer), upper);
}
