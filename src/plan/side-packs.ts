import { packFileReader } from '../generate/pack-files.ts';
import { type PackInputs, packInputs } from '../generate/pack-inputs.ts';
import { type PackSettings, readTemplate, TemplateError } from '../generate/pack-settings.ts';
import type { Side } from './side.ts';

/**
 * What the packs of a side's nodes add to their digests, in the nodes' order.
 * @throws TemplateError with each problem of the template once.
 */
export async function packsOf(side: Side, tag: PackSettings['tag']): Promise<PackInputs[]> {
  const settings = {
    template: { file: side.template, text: await readTemplate(side.template) },
    tag,
    optional: side.optional,
  };
  const reader = packFileReader();
  const problems = new Set<string>();
  const packs: PackInputs[] = [];
  for (const node of side.nodes) {
    try {
      packs.push(await packInputs(node, settings, reader));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      for (const line of error.message.split('\n')) problems.add(line);
    }
  }
  if (problems.size > 0) throw new TemplateError([...problems].join('\n'));
  return packs;
}
