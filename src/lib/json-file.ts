import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { errnoOf, exitCode, isDiskFull, StageError } from './errors.ts';

/** A file that cannot be written: exit code 4 when the disk is full, else 2. */
export class FileError extends StageError {}

/**
 * Writes a file whole or not at all: under a temporary name, then renamed. Makes its folder.
 * @param advice what the user can do, such as `name a writable folder with --reports`
 * @throws FileError
 */
export async function writeWhole(
  file: string,
  content: string | Buffer,
  advice: string,
  options: { mode?: number; fsync?: boolean } = {},
): Promise<void> {
  await orFileError(file, advice, async () => {
    await mkdir(dirname(file), { recursive: true });
    await replaceFile(file, content, options);
  });
}

/**
 * Puts a file in another's place by a rename; throws what the system says. The library names the temporary file, keeps mode
 * and owner and removes what is left of a failure. It does not write itself: of a text that finds only a part of its room
 * on the disk it would leave that part, and say nothing.
 */
export async function replaceFile(
  file: string,
  content: string | Buffer,
  options: { mode?: number; fsync?: boolean } = {},
): Promise<void> {
  // The library waits for it, whatever its types say.
  const tmpfileCreated = (temporary: string): unknown => writeFile(temporary, content);
  await writeFileAtomic(file, '', { ...options, tmpfileCreated });
}

/**
 * The same of data, as JSON for people and programs.
 * @throws FileError
 */
export async function writeJsonFile(file: string, data: object, advice: string): Promise<void> {
  await writeWhole(file, jsonText(data), advice);
}

/** Data as our JSON files have it. */
export function jsonText(data: object): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

/**
 * Does something with a file, and says it in a sentence when the system refuses.
 * @throws FileError
 */
export async function orFileError(
  file: string,
  advice: string,
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === undefined) throw cause;
    // A disk that fails when it is written to may be another one tomorrow, too.
    const isFull = isDiskFull(cause) || code === 'EIO';
    const message = `${file} cannot be written (${code}): ${isFull ? "this computer's disk is full" : advice}`;
    throw new FileError(message, isFull ? exitCode.unavailable : exitCode.badInput, { cause });
  }
}
