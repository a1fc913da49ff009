import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { TreeFile } from './tree.ts';

const chunkBytes = 1 << 20;
const chunk = Buffer.allocUnsafe(chunkBytes);

/** The id that git gives to bytes. */
export function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * Reads a regular file, without taking it into memory as a whole.
 * @throws Error with the rest of a sentence when it is none, cannot be read, or changes meanwhile
 */
export function readBlob(path: Buffer): TreeFile {
  // Without O_NONBLOCK the opening of a pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('it is no regular file');
    const hash = createHash('sha1').update(`blob ${stat.size}\0`);
    let length = 0;
    for (;;) {
      const count = readSync(file, chunk, 0, chunkBytes, null);
      if (count === 0) break;
      length += count;
      hash.update(chunk.subarray(0, count));
    }
    if (length !== stat.size) throw new Error('it changes while it is read');
    return { id: hash.digest('hex'), executable: (stat.mode & 0o100) !== 0 };
  } finally {
    closeSync(file);
  }
}
