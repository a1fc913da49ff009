import { treeId } from '../puppet/environment/read-tree.ts';
import type { Judged } from './changes-since.ts';
import { decide, type PlanImage } from './decide.ts';
import type { NodeInputs } from './digest.ts';
import { type JudgedNode, type JudgedRevision, judgeRevision } from './judge-revision.ts';
import { type ExplainDeps, linesSince } from './lines-since.ts';
import { type PlanFile, planFileOf } from './plan-file.ts';
import type { Decision, Reason } from './reason.ts';
import type { Revision } from './revision.ts';

/** What plan asks of EC2. */
export interface PlanAccount {
  region: string;
  /** EC2's time. */
  now: () => Date;
  images: () => Promise<PlanImage[]>;
}

/** What planning needs. */
export type PlanDeps = ExplainDeps & { ec2: PlanAccount };

/** What is to be done about each node, and all that it rests on. */
export interface Plan {
  file: PlanFile;
  decisions: Decision[];
  judged: JudgedRevision;
}

/** Decides which nodes are to be baked, and why; of those that differ from their image, what differs. */
export async function planNodes(
  revision: Revision,
  options: { forced: boolean },
  deps: PlanDeps,
): Promise<Plan> {
  const [judged, images] = await Promise.all([judgeRevision(revision, deps), deps.ec2.images()]);
  const now = deps.ec2.now();
  const plain = judged.nodes.map((node) => decide(candidateOf(node), images, now.getTime(), options));
  const decisions = await explained(plain, images, { revision, judged }, deps);
  const { commit = 'unknown', dirty, tree } = judged.manifests;
  const inputs = judged.nodes.flatMap(({ node, inputs: some, template = '', sourceAmi }) => {
    if (some === undefined) return [];
    const about = {
      pack: { template, facts: node.facts },
      ...(sourceAmi === undefined ? {} : { sourceAmi }),
    };
    return [[node.name, { inputs: some, ...about }] as const];
  });
  const file = planFileOf(decisions, new Map(inputs), {
    createdAt: now.toISOString(),
    region: deps.ec2.region,
    manifests: { commit, dirty, tree: treeId(tree) },
  });
  return { file, decisions, judged };
}

function candidateOf({ node, inputs, template = '', findings, failures }: JudgedNode) {
  const [first, ...others] = failures;
  const { name, maxAgeMs, assumePure } = node;
  const about = { name, assumePure, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) };
  if (first !== undefined) return { ...about, result: { failures: [first, ...others] as const } };
  if (inputs === undefined) throw new Error(`${name} has neither inputs nor a failure`);
  return { ...about, result: { inputs, pack: { template, facts: node.facts }, findings } };
}

/** Adds to the reasons what differs from the commit that the image was baked from, commit by commit. */
async function explained(
  decisions: Decision[],
  images: PlanImage[],
  judged: Judged,
  deps: ExplainDeps,
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
    for (const [node, some] of await linesSince(commit, names, judged, deps)) lines.set(node, some);
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
