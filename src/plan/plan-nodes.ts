import { treeId } from '../puppet/environment/read-tree.ts';
import { decide, type PlannedFrom } from './decide.ts';
import { linesSince, type OldWorld } from './explain.ts';
import type { NodeInputs } from './inputs.ts';
import { judgeSide, type JudgedSide, type SideNode } from './judge-side.ts';
import { type PlanFile, planFileOf } from './plan-file.ts';
import type { Decision, Reason } from './reason.ts';
import type { Side } from './side.ts';

/** An image as plan looks at it. */
export type PlanImage = PlannedFrom & { commit: string | undefined };

/** What a plan needs of the world. */
export interface PlanWorld extends OldWorld {
  region: string;
  /** EC2's time. */
  now: () => Date;
  images: () => Promise<PlanImage[]>;
}

/** What is to be done about each node, and all that it rests on. */
export interface Plan {
  file: PlanFile;
  decisions: Decision[];
  judged: JudgedSide;
}

/** Decides which nodes are to be baked, and why; of those that differ from their image, what differs. */
export async function planNodes(side: Side, options: { forced: boolean }, world: PlanWorld): Promise<Plan> {
  const [judged, images] = await Promise.all([judgeSide(side, world), world.images()]);
  const now = world.now();
  const plain = judged.nodes.map((node) => decide(judgedNode(node), images, now.getTime(), options));
  const decisions = await explained(plain, images, side, judged, world);
  const { commit = 'unknown', dirty, tree } = judged.manifests;
  const inputs = judged.nodes.flatMap(({ node, inputs: some, sourceAmi }) =>
    some === undefined
      ? []
      : [[node.name, { inputs: some, ...(sourceAmi === undefined ? {} : { sourceAmi }) }] as const],
  );
  const file = planFileOf(decisions, new Map(inputs), {
    createdAt: now.toISOString(),
    region: world.region,
    manifests: { commit, dirty, tree: treeId(tree) },
  });
  return { file, decisions, judged };
}

function judgedNode({ node, inputs, findings, failures }: SideNode) {
  const [first, ...others] = failures;
  const { name, maxAgeMs, assumePure } = node;
  const about = { name, assumePure, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) };
  if (first !== undefined) return { ...about, result: { failures: [first, ...others] as const } };
  if (inputs === undefined) throw new Error(`${name} has neither inputs nor a failure`);
  return { ...about, result: { inputs, findings } };
}

/** Adds to the reasons what differs from the commit that the image was baked from, commit by commit. */
async function explained(
  decisions: Decision[],
  images: PlanImage[],
  side: Side,
  judged: JudgedSide,
  world: PlanWorld,
): Promise<Decision[]> {
  const commitOf = new Map(images.map(({ id, commit }) => [id, commit ?? 'unknown']));
  const differing = new Map<string, Set<string>>();
  for (const { node, reasons } of decisions) {
    const image = reasons.find(isDiffering)?.image;
    const commit = image === undefined ? undefined : commitOf.get(image);
    if (commit === undefined) continue;
    differing.set(commit, (differing.get(commit) ?? new Set()).add(node));
  }
  const lines = new Map<string, string[]>();
  for (const [commit, names] of differing) {
    for (const [node, some] of await linesSince(commit, names, side, judged, world)) lines.set(node, some);
  }
  return decisions.map((decision) => ({
    ...decision,
    reasons: decision.reasons.map((reason) =>
      isDiffering(reason) ? { ...reason, lines: lines.get(decision.node) ?? [] } : reason,
    ),
  }));
}

/** Only what Puppet makes of the machine has more to it than its name. */
const shown: readonly (keyof NodeInputs)[] = ['catalog', 'files', 'plugins'];

function isDiffering(reason: Reason): reason is Extract<Reason, { kind: 'differs' }> {
  if (reason.kind !== 'differs') return false;
  return reason.causes.length === 0 || reason.causes.some(({ input }) => shown.includes(input));
}
