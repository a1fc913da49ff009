import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, StageError } from '../lib/errors.ts';
import type { PackFileReader } from '../generate/pack-files.ts';
import { plannedNode, whyNotPlanned } from '../generate/planned-packs.ts';
import type { Node } from '../nodes/node.ts';
import { inputsTag } from '../plan/digest.ts';
import type { PlanFile } from '../plan/plan-file.ts';

/** The tags by which plan recognises later what an image was baked of. */
export interface PlanTags {
  digest: string;
  inputs: string;
}

/** What is baked, which is compared with the plan. */
export interface BakedFiles {
  packs: string;
  manifests: string;
  /** The hash of the environment's files as they are now. */
  tree: string;
  reader: PackFileReader;
}

/**
 * The tags of the images that build makes by a plan, by node, once it is sure that it bakes what was planned. Without a
 * plan there are none.
 * @param nodes those of the plan's that are baked
 * @throws StageError that names what is no longer what was planned
 */
export async function plannedBakes(
  plan: PlanFile | undefined,
  nodes: readonly Node[],
  { packs, manifests, tree, reader }: BakedFiles,
): Promise<ReadonlyMap<string, PlanTags>> {
  if (plan === undefined) return new Map();
  const problems: string[] = [];
  if (tree !== plan.manifests.tree)
    problems.push(`the files in ${manifests} are no longer what was planned: run plan again`);
  for (const { name } of nodes) {
    const file = join(packs, `${name}.json`);
    const read = (path: string) => readFile(path, 'utf8').catch(() => '');
    const made = { pack: await read(file), facts: await read(join(packs, `${name}.facts.json`)) };
    const why = await whyNotPlanned(name, made, plannedNode(plan, name), packs, reader);
    if (why !== undefined) problems.push(`${file} ${why}: run plan and generate --plan again`);
  }
  if (problems.length > 0) throw new StageError(problems.join('\n'), exitCode.badInput);
  return new Map(
    nodes.map(({ name }) => {
      const { digest, inputs, record } = plannedNode(plan, name);
      return [name, { digest, inputs: `${inputsTag(inputs)} ${record}`.trimEnd() }];
    }),
  );
}

/** @throws StageError when the images are in another region than the plan's. */
export function checkRegion(plan: PlanFile | undefined, region: string): void {
  if (plan !== undefined && plan.region !== region) {
    const of = plan.region ?? 'none';
    throw new StageError(
      `the plan is of the region ${of}, not ${region}: run plan for ${region}`,
      exitCode.badInput,
    );
  }
}
