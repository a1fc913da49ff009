import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

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
      // It would not notice that only a part of the bytes found room.
      const tmpfileCreated = (temporary: string) => {
        writeFileSync(temporary, bytes);
      };
      writeFileAtomic.sync(join(folder, sha256), '', { mode: 0o600, tmpfileCreated });
      return sha256;
    },
    get: (sha256) => readFileSync(join(folder, sha256)),
    remove: (sha256) => {
      rmSync(join(folder, sha256), { force: true });
    },
  };
}
