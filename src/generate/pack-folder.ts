import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { PackFolder } from './generate-packs.ts';

/** A real folder of packs; it is made when the first file is written. */
export function packFolder(path: string): PackFolder {
  let made: Promise<unknown> | undefined;
  return {
    list: () => orWhenMissing(readdir(path), []),
    read: (name) => orWhenMissing<string | undefined>(readFile(join(path, name), 'utf8'), undefined),
    write: async (name, text) => {
      await (made ??= mkdir(path, { recursive: true }));
      // Whole or not at all by the rename; no fsync, since a pack is made again in a moment.
      await writeFileAtomic(join(path, name), text, { fsync: false });
    },
    remove: (name) => rm(join(path, name), { force: true }),
  };
}

async function orWhenMissing<T>(promise: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}
