import { rm } from 'node:fs/promises';
import type { Node } from '../nodes/node.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import { changesSince, type OldWorld } from './explain.ts';
import { judgeSide, type JudgedSide } from './judge-side.ts';
import { type ModeFlags, planMode } from './plan-mode.ts';
import type { PlanCase } from './plan-junit.ts';
import { PlanError, writePlanFile } from './plan-file.ts';
import { type Plan, type PlanImage, planNodes } from './plan-nodes.ts';
import { diffResult, offlineResult, type PlanResult, planResult, sinceResult } from './plan-result.ts';
import { findingText, reasonText } from './reason-text.ts';
import { optionalKeys, type Side } from './side.ts';
import { compareSince } from './since.ts';
import { problemOf, sinceCases } from './since-result.ts';
import { offlineSource } from './offline-source.ts';

/** What plan asks of EC2. */
export interface PlanAccount {
  region: string;
  now: () => Date;
  images: () => Promise<PlanImage[]>;
  source: OldWorld['source'];
}

/** What the whole stage needs of the world. */
export interface StageWorld extends Omit<OldWorld, 'source'> {
  /** Only asked where EC2 is. */
  account: () => Promise<PlanAccount>;
  loadNodes: (file: string, say: (line: string) => void) => Promise<Node[]>;
  /** Of all nodes those that were asked for. */
  select: (all: Node[]) => Node[];
  writeJunit: (cases: PlanCase[]) => Promise<void>;
  say: (line: string) => void;
}

/** The flags of plan, but for those that say how catalogs are compiled. */
export interface StageFlags extends ModeFlags {
  nodes: string;
  manifests: string;
  template: string;
  facts: string;
  out: string;
}

/** Runs plan in the mode that its flags ask for. */
export async function planStage(flags: StageFlags, world: StageWorld): Promise<PlanResult> {
  const mode = planMode(flags);
  // Whoever goes on after a plan that failed must not find an older one.
  if (mode === 'plan' && flags.diff === undefined) await rm(flags.out, { force: true });
  const all = await world.loadNodes(flags.nodes, world.say);
  const only = flags.diff;
  if (only !== undefined && !all.some(({ name }) => name === only))
    throw new PlanError(`--diff ${JSON.stringify(only)} is not in ${flags.nodes}`);
  const nodes = only === undefined ? world.select(all) : all.filter(({ name }) => name === only);
  const { manifests, template, facts } = flags;
  const side = { nodes, optional: optionalKeys(all), manifests, template, facts };
  if (mode === 'plan') return withEc2(side, flags, world);
  const offline = { ...world, source: offlineSource };
  if (mode === 'since') return since(flags.since ?? '', side, flags, offline);
  const judged = await judgeSide(side, offline);
  tellWarnings(judged, world);
  return offlineResult(judged);
}

async function withEc2(side: Side, flags: StageFlags, world: StageWorld): Promise<PlanResult> {
  const account = await world.account();
  const plan = await planNodes(side, { forced: flags.force }, { ...world, ...account });
  tellWarnings(plan.judged, world);
  if (flags.diff !== undefined) return imageDiff(flags.diff, plan, side, flags, { ...world, ...account });
  await writePlanFile(flags.out, plan.file);
  await world.writeJunit(planCases(plan, world.redact));
  return planResult(plan);
}

/** How a node differs from the commit of its newest image. */
async function imageDiff(
  node: string,
  { decisions, judged }: Plan,
  side: Side,
  flags: StageFlags,
  world: OldWorld & PlanAccount,
): Promise<PlanResult> {
  const image = decisions[0]?.image;
  if (image === undefined)
    return diffResult(
      { node, untold: 'it has no verified image' },
      'its image',
      flags.markdown,
      world.redact,
    );
  const commit = (await world.images()).find(({ id }) => id === image)?.commit ?? 'unknown';
  const [change] = await changesSince(commit, new Set([node]), side, judged, world);
  if (change === undefined) throw new Error(`${node} was not compared`);
  return diffResult(change, `image ${image} (commit ${commit.slice(0, 12)})`, flags.markdown, world.redact);
}

async function since(
  rev: string,
  side: Side,
  flags: StageFlags,
  world: OldWorld & Pick<StageWorld, 'loadNodes' | 'select' | 'writeJunit' | 'say'>,
): Promise<PlanResult> {
  const names = new Set(side.nodes.map(({ name }) => name));
  const isWhole = flags.diff === undefined && flags.node.length === 0;
  const comparison = await compareSince(rev, side, oldNodes, world);
  tellWarnings(comparison.judged, world);
  for (const name of comparison.borrowed)
    world.say(`plan: ${name} is not in git: it is compared as it lies there now`);
  const { redact } = world;
  if (flags.diff !== undefined) {
    const [change] = comparison.changes;
    if (change === undefined) throw new Error(`${flags.diff} was not compared`);
    return diffResult(change, `commit ${comparison.commit.slice(0, 12)}`, flags.markdown, redact);
  }
  await world.writeJunit(sinceCases(comparison, redact));
  return sinceResult(comparison, flags.markdown, redact);

  /** A commit whose nodes cannot be read had the same nodes, for all that is known. */
  async function oldNodes(at: (path: string) => string): Promise<Pick<Side, 'nodes' | 'optional'>> {
    const all = await world
      .loadNodes(at(flags.nodes), () => undefined)
      .catch((error: unknown) => {
        if ((error as { exitCode?: unknown }).exitCode === undefined) throw error;
        world.say(`warning: the nodes of ${rev} are taken as they are now: ${(error as Error).message}`);
        return undefined;
      });
    if (all === undefined) return side;
    return { nodes: isWhole ? all : all.filter(({ name }) => names.has(name)), optional: optionalKeys(all) };
  }
}

function tellWarnings({ nodes }: JudgedSide, { say, redact }: Pick<StageWorld, 'say' | 'redact'>): void {
  const lines = new Map<string, string[]>();
  for (const { node, warnings } of nodes)
    for (const warning of warnings) lines.set(warning, [...(lines.get(warning) ?? []), node.name]);
  for (const [warning, names] of lines) {
    const some = names.length > 3 ? `${names.length} nodes` : names.join(', ');
    say(`warning: ${some}: ${redact(warning)}`);
  }
}

function planCases({ decisions, judged }: Plan, redact: Redact): PlanCase[] {
  return judged.nodes.map(({ node, failures, findings }, index) => ({
    node: node.name,
    ...problemOf(failures),
    text: [
      ...(decisions[index]?.reasons ?? []).flatMap((reason) => [
        `${decisions[index]?.action ?? ''}: ${reasonText(reason)}`,
        ...(reason.kind === 'differs' ? reason.lines : []),
      ]),
      ...findings.map((finding) => `cannot be judged: ${redact(findingText(finding))}`),
    ].join('\n'),
  }));
}
