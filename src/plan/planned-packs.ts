import type { Node } from '../nodes/node.ts';
import { optionalKeys } from '../generate/generate-packs.ts';
import type { PackFiles, PackSettings } from '../generate/pack.ts';
import type { PackFileReader } from '../generate/pack-files.ts';
import { packInputs } from '../generate/pack-inputs.ts';
import { plannedPack } from '../generate/planned-pack.ts';
import { plannedOf } from './planned-bakes.ts';
import { PlanError, type PlanFile } from './plan-file.ts';

/**
 * How generate makes packs what the plan judged: with the source image that it found.
 * @param nodes those of the plan's that packs are made for
 * @param all of nodes.yaml
 * @throws PlanError when a pack or its scripts are no longer what was planned, TemplateError
 */
export async function plannedPacks(
  plan: PlanFile,
  nodes: readonly Node[],
  all: readonly Node[],
  settings: Omit<PackSettings, 'optional'>,
  reader: PackFileReader,
): Promise<(node: Node, made: PackFiles) => PackFiles> {
  const judged = { ...settings, optional: optionalKeys(all) };
  const problems: string[] = [];
  for (const node of nodes) {
    const { inputs } = plannedOf(plan, node.name);
    const now = await packInputs(node, judged, reader);
    const what = [
      ...(now.pack === inputs.pack ? [] : ['pack']),
      ...(now.scripts === inputs.scripts ? [] : ['scripts']),
    ];
    if (what.length > 0)
      problems.push(
        `${node.name}: the ${what.join(' and ')} would no longer be what was planned: run plan again`,
      );
  }
  if (problems.length > 0) throw new PlanError(problems.join('\n'));
  return (node, made) => plannedPack(made, plannedOf(plan, node.name), settings.templates);
}
