import { dirname, relative, resolve } from 'node:path';
import type { PackSettings } from './pack.ts';
import { packerForPacks } from './packer-for-packs.ts';
import { readTemplate } from './read-template.ts';
import { isAtLeast } from './version.ts';

/**
 * What the packs in folder `out` share, from a template file and the Packer of this machine.
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
    templates: relative(resolve(out), resolve(dirname(file))),
    tag,
    imdsOptions: isAtLeast(await packerForPacks(say), [1, 7, 0]),
  };
}
