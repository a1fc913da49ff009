import { readFile } from 'node:fs/promises';
import { TemplateError } from './generate-packs.ts';

/** The template's text. @throws TemplateError when it cannot be read. */
export async function readTemplate(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new TemplateError(
      `${file}: cannot be read (${(error as Error).message}): name it with --template FILE`,
    );
  });
}
