import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Cleanup } from './clean-up.ts';
import { cleanupData } from './cleanup-result.ts';

/** A cleanup.json that cannot be written, in a sentence for a person. */
export class CleanupFileError extends Error {
  readonly exitCode = 2;
}

/**
 * Writes `<reports>/cleanup.json`.
 * @throws CleanupFileError when the folder does not take it.
 */
export async function writeCleanup(reports: string, cleanup: Cleanup): Promise<void> {
  const file = join(reports, 'cleanup.json');
  try {
    await mkdir(reports, { recursive: true });
    await writeFileAtomic(file, `${JSON.stringify(cleanupData(cleanup), null, 2)}\n`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new CleanupFileError(
      `${file} cannot be written (${code}): give a folder that can be with --reports`,
      {
        cause: error,
      },
    );
  }
}
