import { exitCode } from '../lib/errors.ts';
import type { CompileProblem } from '../puppet/catalogs/compilation.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import { digestOf } from './digest.ts';
import type { JudgedRevision } from './judge-revision.ts';
import type { PlanCase } from './plan-junit.ts';
import type { Plan } from './plan-nodes.ts';
import { findingText, listed, reasonText, sharedText } from './reason-text.ts';
import { type WaitingImage, waitingLines } from './waiting-images.ts';
import type { Action, Decision, Failure, Reason } from './reason.ts';

/** What plan hands back, as every stage does. */
export interface PlanResult {
  exitCode: number;
  json: unknown;
  table: { head: string[]; rows: (string | string[])[][] };
  closing?: string[];
}

/** The result of a plan with EC2. */
export function planResult(
  { file, decisions }: Plan,
  waiting: ReadonlyMap<string, WaitingImage> = new Map(),
): PlanResult {
  const { commit, dirty } = file.manifests;
  const note = `the manifests differ from commit ${commit.slice(0, 12)}: they are planned as they lie there`;
  return {
    exitCode: exitCodeOfNodes(decisions.some(({ action }) => action === 'failed')),
    json: file,
    table: planTable(decisions, waiting),
    closing: [planSummary(decisions), ...(dirty ? [note] : [])],
  };
}

/** The nodes of a plan as test cases. */
export function planCases({ decisions, judged }: Plan, redact: Redact): PlanCase[] {
  return judged.nodes.map(({ node, failures, findings }, index) => ({
    node: node.name,
    ...firstProblem(failures),
    text: [
      ...(decisions[index]?.reasons ?? []).flatMap((reason) => [
        `${decisions[index]?.action ?? ''}: ${reasonText(reason)}`,
        ...(reason.kind === 'differs' ? reason.lines : []),
      ]),
      ...findings.map((finding) => `cannot be judged: ${redact(findingText(finding))}`),
    ].join('\n'),
  }));
}

/** The first problem of a node, in the form of Puppet's own. */
export function firstProblem([first]: readonly Failure[]): { problem?: CompileProblem } {
  if (first === undefined) return {};
  return {
    problem: first.kind === 'not-compiled' ? first.problem : { kind: 'error', message: reasonText(first) },
  };
}

/** The exit code of a plan of which some node failed, or none. */
export function exitCodeOfNodes(someFailed: boolean): number {
  return someFailed ? exitCode.nodeFailed : exitCode.done;
}

/** The result without EC2: catalogs and digests only. */
export function offlineResult({ nodes, manifests }: JudgedRevision): PlanResult {
  const rows = nodes.map(({ node, inputs, failures, findings }) => [
    node.name,
    inputs === undefined ? '' : digestOf(inputs),
    [...failures.map(reasonText), ...findings.map((finding) => `cannot be judged: ${findingText(finding)}`)],
  ]);
  const { commit = 'unknown', dirty } = manifests;
  return {
    exitCode: exitCodeOfNodes(nodes.some(({ failures }) => failures.length > 0)),
    json: {
      schema: 1,
      offline: true,
      manifests: { commit, dirty },
      nodes: nodes.map(({ node, inputs, failures, findings, warnings }) => ({
        node: node.name,
        ...(inputs === undefined ? {} : { digest: digestOf(inputs), inputs }),
        failures: failures.map((failure) => ({ ...failure, text: reasonText(failure) })),
        findings,
        warnings,
      })),
    },
    table: { head: ['node', 'digest', ''], rows },
  };
}

const maxNodes = 8;
const maxImages = 3;
const maxLines = 10;

const listing: readonly Action[] = ['failed', 'bake', 'skip'];

/** The decisions as rows for a person: failed nodes first; nodes for which the same is to be said share a row. */
function planTable(
  decisions: readonly Decision[],
  waiting: ReadonlyMap<string, WaitingImage>,
): { head: string[]; rows: (string | string[])[][] } {
  const sorted = listing.flatMap((action) => decisions.filter((decision) => decision.action === action));
  const groups = new Map<string, Decision[]>();
  for (const decision of sorted) {
    // What waits for promote is a node's own.
    const own = waiting.has(decision.node) ? decision.node : '';
    const key = JSON.stringify([decision.action, decision.reasons.map(essence), own]);
    groups.set(key, [...(groups.get(key) ?? []), decision]);
  }
  const rows = [...groups.values()].map((group) => [
    group[0]?.action ?? '',
    listed(
      group.map(({ node }) => node),
      maxNodes,
    ),
    [...whyCell(group), ...waitingCell(waiting.get(group[0]?.node ?? ''))],
  ]);
  return { head: ['plan', 'nodes', 'why'], rows };
}

/** How many nodes there are of each kind: `2 to bake, 5 unchanged, 1 failed`. */
function planSummary(decisions: readonly Decision[]): string {
  const count = (action: Action) => decisions.filter((decision) => decision.action === action).length;
  const failed = count('failed');
  return [
    `${count('bake')} to bake`,
    `${count('skip')} unchanged`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

/** What a reason says apart from the node: nodes with the same share a row. */
function essence(reason: Reason): unknown {
  if (reason.kind === 'differs') {
    const causes = reason.causes.map(({ input, was, is, change }) =>
      input === 'source' ? [input, was, is] : [input, change],
    );
    return [reason.kind, causes, reason.lines];
  }
  return sharedText(reason, '');
}

function whyCell(group: readonly Decision[]): string[] {
  const [first, ...others] = group;
  return (first?.reasons ?? []).flatMap((reason, index) => [
    others.length === 0 ? reasonText(reason) : sharedText(reason, imagesOf(group, index)),
    ...(reason.kind === 'differs' ? resourceLines(reason.lines) : []),
  ]);
}

function waitingCell(waiting: WaitingImage | undefined): string[] {
  return waiting === undefined ? [] : waitingLines(waiting);
}

function imagesOf(group: readonly Decision[], index: number): string {
  const images = group.flatMap(({ node, reasons }) => {
    const reason = reasons[index];
    return reason !== undefined && 'image' in reason ? [`${reason.image} (${node})`] : [];
  });
  return listed(images, maxImages);
}

function resourceLines(lines: readonly string[]): string[] {
  // Ten in all, the one that counts the others included.
  const shown = lines.length > maxLines ? lines.slice(0, maxLines - 1) : lines;
  const left = lines.length - shown.length;
  return [...shown, ...(left > 0 ? [`… and ${left} more`] : [])].map((line) => `  ${line}`);
}
