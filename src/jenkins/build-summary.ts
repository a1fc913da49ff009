import { writeJsonFile } from '../lib/json-file.ts';
import { printable, printableMarkup } from '../lib/printable.ts';
import { listed } from '../plan/reason-text.ts';
import type { Outcome, Results } from './node-outcomes.ts';
import type { Parameters } from './parameters.ts';

/** `build.json`: what the Jenkinsfile reads, so that it has nothing to decide. */
export interface BuildFile {
  schema: 1;
  /** The build's name on Jenkins' pages, and the lines of its description there. */
  name: string;
  description: string[];
  /** The nodes to bake, a branch each. */
  bake: string[];
  /** The nodes that no other build may bake or clean up meanwhile. */
  lock: string[];
  /** How many branches run at the same time. */
  parallel: number;
}

/** What people read about a build, and whether it may be green. */
export interface Summary {
  build: BuildFile;
  /** All that was to be done is done. */
  good: boolean;
  /** For the console: a row for each node. */
  rows: string[][];
}

/** As many nodes as fit into Jenkins' list of builds. */
const maxNodes = 12;
const maxReason = 200;

/**
 * The build's name, description and nodes: after `plan`, when nothing is baked yet, and at the end (`atEnd`). At the end
 * the build is bad when a node that was to be baked has no verified image, whatever the reason.
 * @param all the nodes of nodes.yaml, for the locks of a build that only cleans up
 * @param number Jenkins' BUILD_NUMBER
 */
export function summaryOf(
  parameters: Parameters,
  { plan, outcomes }: Results,
  about: { atEnd: boolean; number: string; all: readonly string[] },
): Summary {
  const { parallel, reason } = parameters;
  const unplanned = 'unknown' in plan ? [] : plan.nodes.filter(({ action }) => action === 'failed');
  const wanted = 'unknown' in plan ? [] : plan.bake;
  const mayBake = parameters.dryRun === undefined;
  const bake = mayBake ? wanted : [];
  const chosen = parameters.nodes.length === 0 ? about.all : parameters.nodes;
  const failed = about.atEnd && mayBake ? outcomes.filter(({ verified }) => !verified) : [];
  const lines = [
    ...(reason === '' ? [] : [reason]),
    ...(parameters.cleanupOnly
      ? [cleanupLine(parameters)]
      : planLines(parameters, { plan, outcomes }, about.atEnd)),
    ...unplanned.map(
      ({ node, reasons }) => `${node}: not planned: ${brief(reasons.map(({ text }) => text))}`,
    ),
  ];
  const bad = failed.length > 0 || unplanned.length > 0 || (!parameters.cleanupOnly && 'unknown' in plan);
  const names = parameters.cleanupOnly ? 'cleanup' : listed(wanted, 4);
  return {
    build: {
      schema: 1,
      name: [`#${about.number}`, names].join(' ').trim(),
      description: lines,
      bake: [...bake],
      lock: [...(parameters.cleanupOnly ? chosen : bake)],
      parallel,
    },
    good: !bad,
    rows: about.atEnd && mayBake ? outcomes.map(rowOf) : [],
  };
}

function planLines({ dryRun }: Parameters, { plan, outcomes }: Results, atEnd: boolean): string[] {
  if ('unknown' in plan) return [`nothing baked: ${plan.unknown}`];
  if (plan.bake.length === 0) {
    const same = plan.nodes.filter(({ action }) => action === 'skip').length;
    return [`nothing to bake: ${nodes(same)} unchanged`];
  }
  if (dryRun !== undefined) return [`${dryRun}: would bake ${listed(plan.bake, maxNodes)}`];
  if (!atEnd) return [`bakes ${listed(plan.bake, maxNodes)}`];
  const failed = outcomes.filter(({ verified }) => !verified);
  const count = `${failed.length} of ${nodes(outcomes.length)} failed`;
  return [
    ...(failed.length === 0
      ? []
      : [
          `${count}: ${listed(
            failed.map(({ node }) => node),
            maxNodes,
          )}`,
        ]),
    ...outcomes.slice(0, maxNodes).map(outcomeLine),
    ...(outcomes.length > maxNodes
      ? [`and ${outcomes.length - maxNodes} more: see the table in the console`]
      : []),
  ];
}

function outcomeLine({ node, imageId, verified, reasons }: Outcome): string {
  if (verified) return `${node}: ${imageId ?? ''}`;
  return `${node}: rejected${imageId === undefined ? '' : ` (${imageId})`}: ${brief(reasons)}`;
}

function cleanupLine({ apply, dryRun }: Parameters): string {
  return apply && dryRun === undefined
    ? 'cleanup'
    : 'cleanup, plan only: see reports/cleanup.json and leaks.json';
}

function rowOf({ node, imageId, verified, reasons }: Outcome): string[] {
  return [node, imageId ?? '-', verified ? 'verified' : 'rejected', brief(reasons)];
}

function brief(reasons: readonly string[]): string {
  const first = reasons[0]?.split('\n')[0] ?? '';
  return first.length <= maxReason ? first : `${first.slice(0, maxReason)}…`;
}

function nodes(count: number): string {
  return `${count} node${count === 1 ? '' : 's'}`;
}

/**
 * Writes `build.json` into the workspace, whole or not at all.
 * @throws FileError when the folder does not take it.
 */
export async function writeBuildFile(build: BuildFile): Promise<void> {
  await writeJsonFile('build.json', shown(build), "the workspace must be this user's");
}

/** Jenkins shows name and description as they are: reasons of EC2 and Puppet, and what a person wrote as REASON. */
function shown({ name, description, ...rest }: BuildFile) {
  return { ...rest, name: printable(name), description: description.map(printableMarkup).join('\n') };
}
