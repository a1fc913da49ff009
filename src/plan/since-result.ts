import { differenceLines } from '../puppet/catalogs/difference-lines.ts';
import { differenceMarkdown, markdownText } from '../puppet/catalogs/difference-markdown.ts';
import { type NodeDifferences, groupDifferences } from '../puppet/catalogs/group-differences.ts';
import type { CompileProblem } from '../puppet/catalogs/compilation.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import type { NodeChange } from './compare-sides.ts';
import { inputWords, listed, reasonText } from './reason-text.ts';
import type { Comparison } from './since.ts';

const maxNodes = 8;

const order: readonly NodeChange['status'][] = ['failed', 'changed', 'added', 'removed', 'unchanged'];

/** What changed, which nodes, and why in as many lines. */
type SinceRow = [string, string, string[]];

/** The comparison for a person: nodes of which the same is to be said share a row. */
export function sinceTable({ changes }: Comparison, redact: Redact): { head: string[]; rows: SinceRow[] } {
  const groups = new Map<string, { status: string; nodes: string[]; why: string[] }>();
  for (const status of order) {
    for (const change of changes.filter((one) => one.status === status)) {
      const why = [changeText(change), ...changeDetails(change, redact).map((line) => `  ${line}`)];
      const key = JSON.stringify([status, why]);
      const group = groups.get(key) ?? { status, nodes: [], why };
      group.nodes.push(change.node);
      groups.set(key, group);
    }
  }
  const rows = [...groups.values()].map(({ status, nodes, why }): SinceRow => [
    status,
    listed(nodes, maxNodes),
    why,
  ]);
  return { head: ['change', 'nodes', 'why'], rows };
}

/** What changed, in a line. */
export function changeText({ status, failures, causes }: NodeChange): string {
  if (status === 'failed') return failures.map(reasonText).join('; ');
  if (status === 'added') return 'it is new';
  if (status === 'removed') return 'it is gone from the nodes';
  if (status === 'unchanged') return '';
  return causes.length === 0
    ? 'it did not compile before'
    : causes.map((cause) => inputWords[cause]).join(', ');
}

/** At most ten lines of what differs. */
export function changeDetails({ catalog = [], files }: NodeChange, redact: Redact, max = 10): string[] {
  const lines = [...differenceLines(catalog, redact, max), ...files.map((name) => `${name} differs`)];
  return lines.length <= max ? lines : [...lines.slice(0, max - 1), `and ${lines.length - max + 1} more`];
}

/** How many nodes there are of each kind: `1 failed, 2 changed, 97 unchanged`. */
export function sinceSummary({ changes, commit }: Comparison): string {
  const counts = order.flatMap((status) => {
    const count = changes.filter((change) => change.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  });
  return `since ${commit.slice(0, 12)}: ${counts.length === 0 ? 'no nodes' : counts.join(', ')}`;
}

/** The nodes' catalog differences, those of several nodes once. */
export function differencesOf(changes: readonly NodeChange[]): NodeDifferences[] {
  return groupDifferences(changes.map(({ node, catalog = [] }) => ({ node, differences: catalog })));
}

/** The whole comparison as a comment on a pull request. */
export function sinceMarkdown(comparison: Comparison, redact: Redact): string {
  const { rows } = sinceTable({ ...comparison, changes: comparison.changes.map(withoutDetails) }, redact);
  const table = rows.map(
    ([change, nodes, why]) => `| ${change} | ${nodes} | ${markdownText(why.join(' '))} |`,
  );
  const groups = differencesOf(comparison.changes);
  return [
    `**plan** ${sinceSummary(comparison)}`,
    '',
    ...(table.length === 0 ? [] : ['| change | nodes | why |', '| --- | --- | --- |', ...table, '']),
    ...(groups.length === 0 ? [] : [differenceMarkdown(groups, redact)]),
  ].join('\n');
}

function withoutDetails(change: NodeChange): NodeChange {
  const { node, status, failures, causes } = change;
  return { node, status, failures, causes, files: [] };
}

/** The comparison as test cases: red where a catalog does not compile. */
export function sinceCases(
  { changes, judged }: Comparison,
  redact: Redact,
): { node: string; problem?: CompileProblem; text: string }[] {
  const findings = new Map(judged.nodes.map((one) => [one.node.name, one.findings]));
  return changes
    .filter(({ status }) => status !== 'removed')
    .map((change) => ({
      node: change.node,
      ...problemOf(change.failures),
      text: [
        `${change.status}${changeText(change) === '' ? '' : `: ${changeText(change)}`}`,
        ...changeDetails(change, redact, 100),
        ...(findings.get(change.node) ?? []).map(({ what }) => `cannot be judged: ${what}`),
      ].join('\n'),
    }));
}

/** The first problem of a node; one that is not Puppet's is told in the same form. */
export function problemOf(failures: NodeChange['failures']): { problem?: CompileProblem } {
  const [first] = failures;
  if (first === undefined) return {};
  return {
    problem: first.kind === 'not-compiled' ? first.problem : { kind: 'error', message: reasonText(first) },
  };
}
