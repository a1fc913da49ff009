import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** A report that cannot be written, in a sentence for a person. */
export class ReportFileError extends Error {
  readonly exitCode = 2;
}

/**
 * Writes `<reports>/<name>`, whole or not at all.
 * @throws ReportFileError when the folder does not take it.
 */
export async function writeReport(reports: string, name: string, data: object): Promise<void> {
  const file = join(reports, name);
  try {
    await mkdir(reports, { recursive: true });
    await writeFileAtomic(file, `${JSON.stringify(data, null, 2)}\n`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    const message = `${file} cannot be written (${code}): give a folder that can be with --reports`;
    throw new ReportFileError(message, { cause: error });
  }
}
