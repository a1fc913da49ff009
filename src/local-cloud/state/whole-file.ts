import { writeFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';

/**
 * Puts a file of this mode in another's place by a rename, after an fsync: a reader finds the old one or the new one. The library names
 * the temporary file and removes it after a failure. It does not write itself: of a text that finds only a part of its room
 * on the disk it would leave that part, and say nothing.
 */
export function replaceFileSync(file: string, content: string | Buffer, mode: number): void {
  const tmpfileCreated = (temporary: string) => {
    writeFileSync(temporary, content);
  };
  writeFileAtomic.sync(file, '', { mode, tmpfileCreated });
}
