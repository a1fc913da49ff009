import { differenceMarkdown } from '../puppet/catalogs/difference-markdown.ts';
import { differenceText } from '../puppet/catalogs/difference-text.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import type { NodeChange } from './compare-sides.ts';
import { digestOf } from './digest.ts';
import type { OldChange } from './explain.ts';
import type { JudgedSide } from './judge-side.ts';
import type { Plan } from './plan-nodes.ts';
import { planSummary, planTable } from './plan-table.ts';
import { findingText, reasonText } from './reason-text.ts';
import type { Comparison } from './since.ts';
import { changeText, differencesOf, sinceMarkdown, sinceSummary, sinceTable } from './since-result.ts';

/** What plan hands back, as every stage does. */
export interface PlanResult {
  exitCode: number;
  json: unknown;
  table: { head: string[]; rows: (string | string[])[][] };
  closing?: string[];
}

const done = 0;
const nodeFailed = 3;

/** A plan with EC2. */
export function planResult({ file, decisions }: Plan): PlanResult {
  const failed = decisions.some(({ action }) => action === 'failed');
  return {
    exitCode: failed ? nodeFailed : done,
    json: file,
    table: planTable(decisions),
    closing: [planSummary(decisions), ...(file.manifests.dirty ? [dirtyText(file.manifests.commit)] : [])],
  };
}

function dirtyText(commit: string): string {
  return `the manifests differ from commit ${commit.slice(0, 12)}: they are planned as they lie there`;
}

/** Catalogs and digests only. */
export function offlineResult({ nodes, manifests }: JudgedSide): PlanResult {
  const rows = nodes.map(({ node, inputs, failures, findings }) => [
    node.name,
    inputs === undefined ? '' : digestOf(inputs),
    [...failures.map(reasonText), ...findings.map((finding) => `cannot be judged: ${findingText(finding)}`)],
  ]);
  const { commit = 'unknown', dirty } = manifests;
  return {
    exitCode: nodes.some(({ failures }) => failures.length > 0) ? nodeFailed : done,
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

/** Two commits. */
export function sinceResult(comparison: Comparison, markdown: boolean, redact: Redact): PlanResult {
  const { changes, commit, borrowed } = comparison;
  return {
    exitCode: changes.some(({ status }) => status === 'failed') ? nodeFailed : done,
    json: {
      schema: 1,
      since: commit,
      borrowed,
      nodes: changes.map((change) => ({
        ...change,
        text: changeText(change),
        ...shownCatalog(change, redact),
      })),
    },
    ...(markdown
      ? { table: { head: [], rows: [] }, closing: sinceMarkdown(comparison, redact).trimEnd().split('\n') }
      : { table: sinceTable(comparison, redact), closing: [sinceSummary(comparison)] }),
  };
}

/** For a program: which resources differ. What they hold may be secret, and is left to --diff, which hides what it knows. */
function shownCatalog({ catalog }: NodeChange, redact: Redact) {
  if (catalog === undefined) return {};
  return {
    catalog: catalog.map(({ resource, change, parameters, file, line }) => ({
      resource: redact(resource),
      change,
      parameters: parameters.map(({ name }) => name),
      ...(file === undefined ? {} : { file, line }),
    })),
  };
}

/** How one node's catalog differs, for a person. */
export function diffResult(change: OldChange, from: string, markdown: boolean, redact: Redact): PlanResult {
  const closing =
    'untold' in change
      ? [`${change.node} is not compared with ${from}: ${change.untold}`]
      : diffLines(change, from, markdown, redact);
  const failed = !('untold' in change) && change.status === 'failed';
  const json = 'untold' in change ? change : { ...change, ...shownCatalog(change, redact) };
  return {
    exitCode: failed ? nodeFailed : done,
    json: { schema: 1, from, ...json },
    table: { head: [], rows: [] },
    closing,
  };
}

function diffLines(change: NodeChange, from: string, markdown: boolean, redact: Redact): string[] {
  const groups = differencesOf([change]);
  const others = [
    ...(changeText(change) === '' ? [] : [changeText(change)]),
    ...change.files.map((name) => `${name} differs`),
  ];
  const head = `${change.node}, since ${from}: ${change.status}${others.length > 0 ? ` (${others.join('; ')})` : ''}`;
  if (groups.length === 0) return [head];
  const text = markdown ? differenceMarkdown(groups, redact) : differenceText(groups, redact);
  return [head, ...(markdown ? [''] : []), ...text.trimEnd().split('\n')];
}
