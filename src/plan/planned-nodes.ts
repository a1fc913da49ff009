import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import type { Node } from '../nodes/node.ts';
import { listed } from './reason-text.ts';
import { PlanError, type PlanFile, readPlanFile } from './plan-file.ts';

interface NodeFlags {
  nodes: string;
  node: readonly string[];
  plan: string | undefined;
}

/** The nodes that a stage is to work on. */
export interface ChosenNodes {
  /** Of nodes.yaml, all. */
  all: Node[];
  /** Those to be worked on, in the same order; none: the plan has nothing to do. */
  nodes: Node[];
  plan?: PlanFile & { region: string };
}

/**
 * The nodes by nodes.yaml, `--node` and `--plan`. One that is named but that the plan leaves alone is said.
 * @throws NodesError, PlanError (exit 2)
 */
export async function chooseNodes(flags: NodeFlags, say: (line: string) => void): Promise<ChosenNodes> {
  const all = await loadNodes(flags.nodes, [], say);
  const chosen = selectNodes(all, flags.node, flags.nodes);
  if (flags.plan === undefined) return { all, nodes: chosen };
  const plan = await readPlanFile(flags.plan);
  const known = new Set(all.map(({ name }) => name));
  const gone = plan.bake.filter((name) => !known.has(name));
  if (gone.length > 0) {
    const names = listed(gone, 10);
    throw new PlanError(
      `the plan ${flags.plan} names ${names}, not in ${flags.nodes}: make a new one with plan`,
    );
  }
  const nodes = chosen.filter(({ name }) => plan.bake.includes(name));
  for (const { name } of chosen)
    if (flags.node.includes(name) && !plan.bake.includes(name))
      say(`${name}: left alone: ${whySkipped(plan, name)}`);
  if (nodes.length === 0) say(`the plan ${flags.plan} has nothing to bake`);
  return { all, nodes, plan };
}

function whySkipped(plan: PlanFile, name: string): string {
  const found = plan.nodes.find(({ node }) => node === name);
  return found === undefined ? 'the plan does not know it' : found.reasons.map(({ text }) => text).join('; ');
}
