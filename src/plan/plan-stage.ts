import { rm } from 'node:fs/promises';
import { exitCode, exitCodeOf, StageError } from '../lib/errors.ts';
import { optionalKeys } from '../generate/pack-settings.ts';
import type { Node } from '../nodes/node.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import { changesSince, compareSince } from './changes-since.ts';
import { type FindSource, type JudgedRevision, judgeRevision, offlineSource } from './judge-revision.ts';
import type { ExplainDeps } from './lines-since.ts';
import type { PlanImage } from './decide.ts';
import { writePlanFile } from './plan-file.ts';
import { type ModeFlags, planMode } from './plan-mode.ts';
import type { PlanCase } from './plan-junit.ts';
import { type Plan, type PlanAccount, type PlanDeps, planNodes } from './plan-nodes.ts';
import { offlineResult, planCases, type PlanResult, planResult } from './plan-result.ts';
import type { Revision } from './revision.ts';
import type { WaitingImage } from './waiting-images.ts';
import { diffResult, sinceCases, sinceResult } from './since-result.ts';

/** What the whole stage needs. */
export interface StageDeps extends Omit<ExplainDeps, 'source'> {
  /** Connects to EC2, in the only mode that needs it. */
  connect: () => Promise<PlanAccount & { source: FindSource }>;
  loadNodes: (file: string, say: (line: string) => void) => Promise<Node[]>;
  /** Of all nodes those of `--node`. */
  select: (all: Node[]) => Node[];
  writeJunit: (cases: PlanCase[]) => Promise<void>;
  /** What the nodes' verified images that are not in service would change, where that is kept. */
  waiting: (
    nodes: readonly string[],
    images: readonly PlanImage[],
  ) => Promise<ReadonlyMap<string, WaitingImage>>;
  say: (line: string) => void;
}

/** What the stage needs without EC2. */
type OfflineDeps = StageDeps & ExplainDeps;

/** The flags of plan, but for those that say how catalogs are compiled. */
export interface StageFlags extends ModeFlags {
  nodes: string;
  manifests: string;
  template: string;
  facts: string;
  out: string;
}

/** Runs plan in the mode that its flags ask for. */
export async function planStage(flags: StageFlags, deps: StageDeps): Promise<PlanResult> {
  const mode = planMode(flags);
  // After a plan that failed, the next stage must not find an older plan.
  if (mode === 'plan' && flags.diff === undefined) await rm(flags.out, { force: true });
  const revision = await revisionOfNow(flags, deps);
  if (mode === 'offline') return planOffline(revision, { ...deps, source: offlineSource });
  if (mode === 'since')
    return planSince(flags.since ?? '', revision, flags, { ...deps, source: offlineSource });
  return planWithEc2(revision, flags, deps);
}

async function revisionOfNow(flags: StageFlags, deps: StageDeps): Promise<Revision> {
  const { diff, manifests, template, facts } = flags;
  const all = await deps.loadNodes(flags.nodes, deps.say);
  if (diff !== undefined && !all.some(({ name }) => name === diff))
    throw new StageError(`--diff ${JSON.stringify(diff)} is not in ${flags.nodes}`, exitCode.badInput);
  const nodes = diff === undefined ? deps.select(all) : all.filter(({ name }) => name === diff);
  return { nodes, optional: optionalKeys(all), manifests, template, facts };
}

async function planOffline(revision: Revision, deps: OfflineDeps): Promise<PlanResult> {
  const judged = await judgeRevision(revision, deps);
  sayWarnings(judged, deps);
  return offlineResult(judged);
}

async function planWithEc2(revision: Revision, flags: StageFlags, deps: StageDeps): Promise<PlanResult> {
  const { source, ...account } = await deps.connect();
  // Asked once, whoever needs them.
  let images: Promise<PlanImage[]> | undefined;
  const ec2 = { ...account, images: () => (images ??= account.images()) };
  const nodesOf: PlanDeps['nodesOf'] = (at) =>
    deps
      .loadNodes(at(flags.nodes), () => undefined)
      .catch((error: unknown) => {
        if (exitCodeOf(error) === exitCode.bug) throw error;
        return [];
      });
  const planDeps = { ...deps, source, ec2, nodesOf };
  const plan = await planNodes(revision, { forced: flags.force }, planDeps);
  sayWarnings(plan.judged, deps);
  if (flags.diff !== undefined) return compareWithImage(flags.diff, plan, revision, flags, planDeps);
  await writePlanFile(flags.out, plan.file);
  await deps.writeJunit(planCases(plan, deps.redact));
  const names = plan.decisions.map(({ node }) => node);
  return planResult(plan, await deps.waiting(names, await ec2.images()));
}

/** How a node differs from the commit of its newest image. */
async function compareWithImage(
  node: string,
  { decisions, judged }: Plan,
  revision: Revision,
  { markdown }: StageFlags,
  deps: PlanDeps,
): Promise<PlanResult> {
  const { ec2, redact } = deps;
  const image = decisions[0]?.image;
  if (image === undefined)
    return diffResult({ node, notCompared: 'it has no verified image' }, 'its image', markdown, redact);
  const commit = (await ec2.images()).find(({ id }) => id === image)?.commit ?? 'unknown';
  const [change] = await changesSince(commit, new Set([node]), { revision, judged }, deps);
  if (change === undefined) throw new Error(`${node} was not compared`);
  return diffResult(change, `image ${image} (commit ${commit.slice(0, 12)})`, markdown, redact);
}

async function planSince(
  rev: string,
  revision: Revision,
  flags: StageFlags,
  deps: OfflineDeps,
): Promise<PlanResult> {
  const { redact, say } = deps;
  const oldNodes = (at: (path: string) => string) => nodesAt(rev, at(flags.nodes), revision, flags, deps);
  const comparison = await compareSince(rev, revision, oldNodes, deps);
  sayWarnings(comparison.judged, deps);
  for (const name of comparison.borrowed)
    say(`plan: ${name} is not in git: it is compared as it lies there now`);
  if (flags.diff !== undefined) {
    const [change] = comparison.changes;
    if (change === undefined) throw new Error(`${flags.diff} was not compared`);
    return diffResult(change, `commit ${comparison.commit.slice(0, 12)}`, flags.markdown, redact);
  }
  await deps.writeJunit(sinceCases(comparison, redact));
  return sinceResult(comparison, flags.markdown, redact);
}

/** The nodes of an older commit. Where its nodes.yaml cannot be read, they are taken as they are now. */
async function nodesAt(
  rev: string,
  file: string,
  now: Revision,
  flags: StageFlags,
  { loadNodes, say }: OfflineDeps,
): Promise<Pick<Revision, 'nodes' | 'optional'>> {
  let all: Node[];
  try {
    all = await loadNodes(file, () => undefined);
  } catch (error) {
    if (exitCodeOf(error) === exitCode.bug) throw error;
    say(`warning: the nodes of ${rev} are taken as they are now: ${(error as Error).message}`);
    return now;
  }
  const names = new Set(now.nodes.map(({ name }) => name));
  const isWhole = flags.diff === undefined && flags.node.length === 0;
  return { nodes: isWhole ? all : all.filter(({ name }) => names.has(name)), optional: optionalKeys(all) };
}

function sayWarnings(
  { nodes }: JudgedRevision,
  { say, redact }: { say: (line: string) => void; redact: Redact },
) {
  const lines = new Map<string, string[]>();
  for (const { node, warnings } of nodes)
    for (const warning of warnings) lines.set(warning, [...(lines.get(warning) ?? []), node.name]);
  for (const [warning, names] of lines) {
    const some = names.length > 3 ? `${names.length} nodes` : names.join(', ');
    say(`warning: ${some}: ${redact(warning)}`);
  }
}
