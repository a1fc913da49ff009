import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A file of a folder, links followed. */
export interface TreeFile {
  /** The id that git gives to its bytes (SHA-1 of `blob <length>\0<bytes>`, hexadecimal). */
  id: string;
  executable: boolean;
}

/** All files below a folder, by their path as seen from it, with `/`; sorted. Nothing of version control's own (`.git`). */
export type Tree = ReadonlyMap<string, TreeFile>;

/*
 * Names of files are bytes. Inside, a path is a text of one character per byte (latin1), which no conversion can lose;
 * outside it is text as people and manifests write it.
 */

/** The bytes of an inside path. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An inside path as text. In a name that is not UTF-8 each byte that is not ASCII becomes a lone surrogate
 * (U+DC80 to U+DCFF), as Python does: no two names become the same text, and JSON keeps it.
 */
export function textOfPath(path: string): string {
  if (/^[\0-\x7f]*$/.test(path)) return path;
  try {
    return utf8.decode(bytesOf(path));
  } catch {
    return path.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
  }
}

/** For a message, in which a line break must not look like one of ours. */
export function quoted(text: string): string {
  return /[\0-\x1f\x7f\ud800-\udfff]/.test(text) ? JSON.stringify(text) : text;
}

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
