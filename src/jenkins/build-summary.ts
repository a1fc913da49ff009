import { writeJsonFile } from '../lib/json-file.ts';
import { printable, printableMarkup } from '../lib/printable.ts';
import { listed } from '../plan/reason-text.ts';
import type { Outcome, Results } from './node-outcomes.ts';
import { type Parameters, whyNotPromoted } from './parameters.ts';
import { promotionOf, questionOf } from './promotions.ts';

/** `build.json`: what the Jenkinsfile reads, so that it has nothing to decide. */
export interface BuildFile {
  schema: 1;
  /** The build's name on Jenkins' pages, and the lines of its description there. */
  name: string;
  description: string[];
  /** The nodes to bake, a branch each. */
  bake: string[];
  /** The nodes that are cleaned up. */
  lock: string[];
  /** What a cleanup locks, so that no other build bakes, promotes or cleans up these nodes meanwhile. */
  cleanupLocks: string[];
  /** What putting nodes into service locks. A bake does not lock it: a rollback need not wait for one. */
  promoteLocks: string[];
  /** Whether verified images go into service. */
  promote: Parameters['promote'];
  /** What a person is asked before they do; empty: nobody is asked. */
  question: string;
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

/** Whose moment a summary is of: what is to be baked is known, what is to be promoted, or all is done. */
export type Moment = 'planned' | 'asked' | 'ended';

/** What a build locks to bake a node, as the Jenkinsfile has it. */
const bakeLock = (node: string) => `bakehouse-${node}`;
/** What a build locks to move the pointers of a node. */
export const promoteLock = (node: string) => `bakehouse-promote-${node}`;

/** As many nodes as fit into Jenkins' list of builds. */
const maxNodes = 12;
const maxReason = 200;

/**
 * The build's name, description and nodes: after `plan`, when nothing is baked yet, before somebody is asked whether the
 * images go into service, and at the end. At the end the build is bad when a node that was to be baked has no verified
 * image, or one that was to be promoted is not in service, whatever the reason.
 * @param all the nodes of nodes.yaml, for the locks of a build that only cleans up
 * @param number Jenkins' BUILD_NUMBER
 */
export function summaryOf(
  parameters: Parameters,
  { plan, outcomes }: Results,
  about: { at: Moment; number: string; all: readonly string[] },
): Summary {
  const { parallel, reason } = parameters;
  const unplanned = 'unknown' in plan ? [] : plan.nodes.filter(({ action }) => action === 'failed');
  const wanted = 'unknown' in plan ? [] : plan.bake;
  const mayBake = parameters.dryRun === undefined;
  const bake = mayBake ? wanted : [];
  const chosen = parameters.nodes.length === 0 ? about.all : parameters.nodes;
  const isBaked = mayBake && about.at !== 'planned';
  const failed = isBaked ? outcomes.filter(isFailed(parameters)) : [];
  const locked = parameters.cleanupOnly ? chosen : bake;
  const lines = [
    ...(reason === '' ? [] : [reason]),
    ...(parameters.cleanupOnly
      ? [cleanupLine(parameters)]
      : planLines(parameters, { plan, outcomes }, about.at)),
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
      lock: [...locked],
      cleanupLocks: locked.flatMap((node) => [bakeLock(node), promoteLock(node)]),
      promoteLocks: bake.map(promoteLock),
      promote: bake.length === 0 || whyNotPromoted(parameters) !== undefined ? 'no' : parameters.promote,
      question: about.at === 'asked' && isBaked ? questionOf(parameters, outcomes) : '',
      parallel,
    },
    good: !bad,
    rows: about.at === 'ended' && mayBake ? outcomes.map((outcome) => rowOf(parameters, outcome)) : [],
  };
}

const isFailed = (parameters: Parameters) => (outcome: Outcome) =>
  !outcome.verified || promotionOf(parameters, outcome)?.failed === true;

function planLines(parameters: Parameters, { plan, outcomes }: Results, at: Moment): string[] {
  const { dryRun, approver } = parameters;
  if ('unknown' in plan) return [`nothing baked: ${plan.unknown}`];
  if (plan.bake.length === 0) {
    const same = plan.nodes.filter(({ action }) => action === 'skip').length;
    return [`nothing to bake: ${nodes(same)} unchanged`];
  }
  if (dryRun !== undefined) return [`${dryRun}: would bake ${listed(plan.bake, maxNodes)}`];
  if (at === 'planned') return [`bakes ${listed(plan.bake, maxNodes)}`];
  if (at === 'asked') return ['waits for somebody to approve', ...outcomeLines(parameters, outcomes)];
  const failed = outcomes.filter(isFailed(parameters));
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
    ...(approver === undefined ? [] : [`approved by ${approver}`]),
    ...outcomeLines(parameters, outcomes),
  ];
}

function outcomeLines(parameters: Parameters, outcomes: readonly Outcome[]): string[] {
  return [
    ...outcomes.slice(0, maxNodes).map((outcome) => outcomeLine(parameters, outcome)),
    ...(outcomes.length > maxNodes
      ? [`and ${outcomes.length - maxNodes} more: see the table in the console`]
      : []),
  ];
}

function outcomeLine(parameters: Parameters, outcome: Outcome): string {
  const { node, imageId, verified, reasons, contents } = outcome;
  const promotion = promotionOf(parameters, outcome);
  const text = [imageId ?? '', ...(promotion === undefined ? [] : [brief([promotion.text])])].join(' ');
  if (verified) return `${node}: ${text}${contents === undefined ? '' : ` (${brief([contents])})`}`;
  return `${node}: rejected${imageId === undefined ? '' : ` (${imageId})`}: ${brief(reasons)}`;
}

function cleanupLine({ apply, dryRun }: Parameters): string {
  return apply && dryRun === undefined
    ? 'cleanup'
    : 'cleanup, plan only: see reports/cleanup.json and leaks.json';
}

function rowOf(parameters: Parameters, outcome: Outcome): string[] {
  const { node, imageId = '-', verified, reasons } = outcome;
  const { result, text } = promotionOf(parameters, outcome) ?? { result: 'verified', text: '' };
  return verified ? [node, imageId, result, brief([text])] : [node, imageId, 'rejected', brief(reasons)];
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
