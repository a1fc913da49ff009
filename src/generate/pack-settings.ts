import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { packagedPath } from '../cli/flags.ts';
import { sharedFlags } from '../cli/shared-flags.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { hasImdsOptions, packerForPacks } from './installed-packer.ts';

/** What the packs of all nodes share. */
export interface PackSettings {
  template: { file: string; text: string };
  /** The template's folder as seen from the packs' folder. */
  templates: string;
  /** Our tags' names, by what they mean. */
  tag: Readonly<Record<string, string>>;
  /** Whether this Packer's amazon-ebs has `metadata_options` (1.7 and later). */
  imdsOptions: boolean;
  /** Names that at least one node of the file gives beyond Bakehouse's own keys. */
  optional: ReadonlySet<string>;
}

/** The template does not give packs; the message has a line for each problem. */
export class TemplateError extends StageError {
  constructor(message: string) {
    super(message, exitCode.badInput);
  }
}

/** The template's text. @throws TemplateError when it cannot be read. */
export async function readTemplate(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new TemplateError(
      `${file}: cannot be read (${(error as Error).message}): name it with --template FILE`,
    );
  });
}

/** The folder in which a template finds its scripts: its own. The package's template takes those in the working folder before its own. */
export function templatesFolder(file: string): string {
  const own = dirname(sharedFlags.template.default);
  const isPackaged = resolve(file) === packagedPath(sharedFlags.template.default);
  return isPackaged && existsSync(`${own}/provision`) ? own : dirname(file);
}

/** The keys beyond Bakehouse's own that a template may ask for: those that any node has. */
export function optionalKeys(all: readonly Node[]): Set<string> {
  return new Set(all.flatMap((node) => Object.keys(node.extra)));
}

/**
 * What the packs in the folder `out` share, from a template file and the Packer of this machine.
 * @throws TemplateError when the template cannot be read.
 */
export async function packSettings(
  file: string,
  out: string,
  tag: PackSettings['tag'],
  say: (line: string) => void,
): Promise<Omit<PackSettings, 'optional'>> {
  return {
    template: { file, text: await readTemplate(file) },
    // Relative, so that packs are the same bytes wherever the checkout lies.
    templates: relative(resolve(out), resolve(templatesFolder(file))),
    tag,
    imdsOptions: hasImdsOptions(await packerForPacks(say)),
  };
}
