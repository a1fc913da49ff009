import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BakeWorld } from './bake-node.ts';
import type { BakeRecord } from './bake-record.ts';

/** The key pair that a bake's machine is launched with. */
export interface BakeKey {
  name: string;
  /** Of the private key, mode 600. */
  file: string;
}

/**
 * Bakes with a key pair of the bake's own, which is deleted afterwards in every outcome. A pack that does not take it
 * (an edited template, a node's own `packer` mapping) is left to what Packer does by itself.
 * @throws what making the key pair throws.
 */
export async function withKey<T>(
  bake: Pick<BakeRecord, 'node' | 'run'>,
  until: Date,
  takesKey: boolean,
  folder: string,
  world: Pick<BakeWorld, 'importKey' | 'deleteKey' | 'say'>,
  how: (key?: BakeKey) => Promise<T>,
): Promise<T> {
  if (!takesKey) return how();
  const file = join(folder, 'key.pem');
  const name = await world.importKey(bake, file, until);
  try {
    return await how({ name, file });
  } finally {
    await rm(file, { force: true });
    // Its tags are known: if it stays, a later build or cleanup finds it.
    await world.deleteKey(name).catch((error: unknown) => {
      world.say(bake.node, `warning: key pair ${name} could not be deleted: ${(error as Error).message}`);
    });
  }
}
