import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileSync } from '../state/whole-file.ts';

/** The bytes of objects, each in a file that is named by their SHA-256. */
export interface ObjectFiles {
  /** Keeps the bytes and answers their SHA-256, in hexadecimal digits. */
  readonly put: (bytes: Buffer) => string;
  readonly get: (sha256: string) => Buffer;
  readonly remove: (sha256: string) => void;
}

/** Keeps files in `folder`, which is made with the first one. */
export function objectFiles(folder: string): ObjectFiles {
  return {
    put: (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      replaceFileSync(join(folder, sha256), bytes, 0o600);
      return sha256;
    },
    get: (sha256) => readFileSync(join(folder, sha256)),
    remove: (sha256) => {
      rmSync(join(folder, sha256), { force: true });
    },
  };
}
