import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { leaksData } from './leaks-result.ts';
import type { Reaped } from './reap-leaks.ts';

/** A leaks.json that cannot be written, in a sentence for a person. */
export class LeaksFileError extends Error {
  readonly exitCode = 2;
}

/**
 * Writes `<reports>/leaks.json`.
 * @throws LeaksFileError when the folder does not take it.
 */
export async function writeLeaks(reports: string, reaped: Reaped): Promise<void> {
  const file = join(reports, 'leaks.json');
  try {
    await mkdir(reports, { recursive: true });
    await writeFileAtomic(file, `${JSON.stringify(leaksData(reaped), null, 2)}\n`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    const message = `${file} cannot be written (${code}): give a folder that can be with --reports`;
    throw new LeaksFileError(message, { cause: error });
  }
}
