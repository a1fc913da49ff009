import { listed } from '../plan/reason-text.ts';
import type { BuildFile } from './build-file.ts';
import type { Outcome, Results } from './outcome.ts';
import type { Parameters } from './parameters.ts';

/** What is told of a build, and whether it may be green. */
export interface Summary {
  build: BuildFile;
  /** Nothing that was to be done is undone. */
  good: boolean;
  /** For the console: a row for each node. */
  rows: string[][];
}

/** A description is read in a list of builds: as many nodes as fit there. */
const maxNodes = 12;
const maxReason = 200;

/**
 * What the Jenkinsfile is told after `plan`, when nothing is baked yet (`over` is false), and at the end. At the end a node that
 * was to be baked and is not proved makes the build a bad one, whatever is missing.
 * @param all the nodes of nodes.yaml, for the locks of a build that only cleans up
 * @param number Jenkins' BUILD_NUMBER
 */
export function summaryOf(
  parameters: Parameters,
  { plan, outcomes }: Results,
  about: { over: boolean; number: string; all: readonly string[] },
): Summary {
  const { parallel, reason } = parameters;
  const unjudged = 'unknown' in plan ? [] : plan.nodes.filter(({ action }) => action === 'failed');
  const wanted = 'unknown' in plan ? [] : plan.bake;
  const wet = parameters.dryRun === undefined;
  const bake = wet ? wanted : [];
  const chosen = parameters.nodes.length === 0 ? about.all : parameters.nodes;
  const lost = about.over && wet ? outcomes.filter(({ proved }) => !proved) : [];
  const lines = [
    ...(reason === '' ? [] : [reason]),
    ...(parameters.cleanupOnly
      ? [cleanupLine(parameters)]
      : planLines(parameters, { plan, outcomes }, about.over)),
    ...unjudged.map(({ node, reasons }) => `${node}: not planned: ${brief(reasons.map(({ text }) => text))}`),
  ];
  const bad = lost.length > 0 || unjudged.length > 0 || (!parameters.cleanupOnly && 'unknown' in plan);
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
    rows: about.over && wet ? outcomes.map(rowOf) : [],
  };
}

function planLines({ dryRun }: Parameters, { plan, outcomes }: Results, over: boolean): string[] {
  if ('unknown' in plan) return [`nothing baked: ${plan.unknown}`];
  if (plan.bake.length === 0) {
    const same = plan.nodes.filter(({ action }) => action === 'skip').length;
    return [`nothing to bake: ${nodes(same)} unchanged`];
  }
  if (dryRun !== undefined) return [`${dryRun}: would bake ${listed(plan.bake, maxNodes)}`];
  if (!over) return [`bakes ${listed(plan.bake, maxNodes)}`];
  const failed = outcomes.filter(({ proved }) => !proved);
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

function outcomeLine({ node, imageId, proved, reasons }: Outcome): string {
  if (proved) return `${node}: ${imageId ?? ''}`;
  return `${node}: NOT PROVED${imageId === undefined ? '' : ` ${imageId}`}: ${brief(reasons)}`;
}

function cleanupLine({ apply, dryRun }: Parameters): string {
  return apply && dryRun === undefined
    ? 'cleanup'
    : 'cleanup, plan only: see reports/cleanup.json and leaks.json';
}

function rowOf({ node, imageId, proved, reasons }: Outcome): string[] {
  return [node, imageId ?? '-', proved ? 'proved' : 'NOT PROVED', brief(reasons)];
}

function brief(reasons: readonly string[]): string {
  const first = reasons[0]?.split('\n')[0] ?? '';
  return first.length <= maxReason ? first : `${first.slice(0, maxReason)}…`;
}

function nodes(count: number): string {
  return `${count} node${count === 1 ? '' : 's'}`;
}
