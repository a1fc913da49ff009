import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../nodes/node.ts';
import type { PackFileReader } from '../generate/pack-files.ts';
import { type Planned, whyNotPlanned } from '../generate/planned-pack.ts';
import { inputsTag } from './digest.ts';
import type { NodeInputs } from './inputs.ts';
import { PlanError, type PlanFile } from './plan-file.ts';

/** What a bake's image is tagged with. */
export interface PlannedTags {
  digest: string;
  inputs: string;
}

/** What a bake by a plan is checked against. */
export interface BakeWorld {
  packs: string;
  manifests: string;
  /** The hash of the environment's files as they are now. */
  tree: string;
  reader: PackFileReader;
}

/**
 * The tags of the images that build is to make by a plan, once it is sure that it would bake what was planned. Without
 * a plan there are none.
 * @param nodes those of the plan's that are baked
 * @throws PlanError that names what is no longer what was planned
 */
export async function plannedBakes(
  plan: PlanFile | undefined,
  nodes: readonly Node[],
  world: BakeWorld,
): Promise<ReadonlyMap<string, PlannedTags>> {
  if (plan === undefined) return new Map();
  const problems: string[] = [];
  if (world.tree !== plan.manifests.tree)
    problems.push(`the files in ${world.manifests} are no longer what was planned: run plan again`);
  for (const { name } of nodes) {
    const file = join(world.packs, `${name}.json`);
    const read = (path: string) => readFile(path, 'utf8').catch(() => '');
    const made = { pack: await read(file), facts: await read(join(world.packs, `${name}.facts.json`)) };
    const why = await whyNotPlanned(name, made, plannedOf(plan, name), world.packs, world.reader);
    if (why !== undefined) problems.push(`${file} ${why}: run plan and generate --plan again`);
  }
  if (problems.length > 0) throw new PlanError(problems.join('\n'));
  return new Map(
    nodes.map(({ name }) => {
      const { digest, inputs } = plannedOf(plan, name);
      return [name, { digest, inputs: inputsTag(inputs) }];
    }),
  );
}

/** @throws PlanError when the images are in another region than the plan's. */
export function checkRegion(plan: PlanFile | undefined, region: string): void {
  if (plan !== undefined && plan.region !== region) {
    const of = plan.region ?? 'none';
    throw new PlanError(`the plan is of the region ${of}, not ${region}: run plan for ${region}`);
  }
}

/** What the plan says of a node that it wants to be baked. */
export function plannedOf(plan: PlanFile, name: string): Planned & { inputs: NodeInputs } {
  const found = plan.nodes.find(({ node }) => node === name);
  if (found?.digest === undefined || found.inputs === undefined)
    throw new PlanError(`the plan does not say what ${name} is made of: make a new one with plan`);
  const { digest, inputs, sourceAmi } = found;
  return { digest, inputs, scripts: inputs.scripts, ...(sourceAmi === undefined ? {} : { sourceAmi }) };
}
