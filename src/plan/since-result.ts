import { differenceMarkdown, differenceText, markdownText } from '../puppet/catalogs/difference-text.ts';
import { groupDifferences, type NodeDifferences } from '../puppet/catalogs/compare-catalogs.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import type { ChangeSince, Comparison } from './changes-since.ts';
import type { NodeChange } from './compare-revisions.ts';
import type { PlanCase } from './plan-junit.ts';
import { detailLines } from './lines-since.ts';
import { exitCodeOfNodes, firstProblem, type PlanResult } from './plan-result.ts';
import { changedText, inputWords, listed, reasonText } from './reason-text.ts';

/** The result of comparing with a commit. */
export function sinceResult(comparison: Comparison, markdown: boolean, redact: Redact): PlanResult {
  const { changes, commit, borrowed } = comparison;
  return {
    exitCode: exitCodeOfNodes(changes.some(({ status }) => status === 'failed')),
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

/** The result for one node: how its catalog differs, for a person. */
export function diffResult(change: ChangeSince, from: string, markdown: boolean, redact: Redact): PlanResult {
  const table = { head: [], rows: [] };
  if ('notCompared' in change) {
    const { node, notCompared } = change;
    return {
      exitCode: exitCodeOfNodes(false),
      json: { schema: 1, from, node, untold: notCompared },
      table,
      closing: [`${node} is not compared with ${from}: ${notCompared}`],
    };
  }
  return {
    exitCode: exitCodeOfNodes(change.status === 'failed'),
    json: { schema: 1, from, ...change, ...shownCatalog(change, redact) },
    table,
    closing: diffLines(change, from, markdown, redact),
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

const maxNodes = 8;

const listing: readonly NodeChange['status'][] = ['failed', 'changed', 'added', 'removed', 'unchanged'];

/** What changed, which nodes, and why in as many lines. */
type SinceRow = [string, string, string[]];

/** The comparison for a person: nodes of which the same is to be said share a row. */
function sinceTable({ changes }: Comparison, redact: Redact): { head: string[]; rows: SinceRow[] } {
  const groups = new Map<string, { status: string; nodes: string[]; why: string[] }>();
  for (const status of listing) {
    for (const change of changes.filter((one) => one.status === status)) {
      const why = [changeText(change), ...detailLines(change, redact).map((line) => `  ${line}`)];
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
function changeText({ status, failures, causes, pack }: NodeChange): string {
  if (status === 'failed') return failures.map(reasonText).join('; ');
  if (status === 'added') return 'it is new';
  if (status === 'removed') return 'it is gone from the nodes';
  if (status === 'unchanged') return '';
  return causes.length === 0
    ? 'it did not compile before'
    : changedText(
        causes.map((cause) => [cause, inputWords[cause]]),
        pack,
      );
}

/** How many nodes there are of each kind: `1 failed, 2 changed, 97 unchanged`. */
function sinceSummary({ changes, commit }: Comparison): string {
  const counts = listing.flatMap((status) => {
    const count = changes.filter((change) => change.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  });
  return `since ${commit.slice(0, 12)}: ${counts.length === 0 ? 'no nodes' : counts.join(', ')}`;
}

/** The nodes' catalog differences, those of several nodes once. */
function differencesOf(changes: readonly NodeChange[]): NodeDifferences[] {
  return groupDifferences(changes.map(({ node, catalog = [] }) => ({ node, differences: catalog })));
}

/** The whole comparison as a comment on a pull request. */
function sinceMarkdown(comparison: Comparison, redact: Redact): string {
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
  const { node, status, failures, causes, pack } = change;
  return { node, status, failures, causes, files: [], ...(pack === undefined ? {} : { pack }) };
}

/** The comparison as test cases: red where a catalog does not compile. */
export function sinceCases({ changes, judged }: Comparison, redact: Redact): PlanCase[] {
  const findings = new Map(judged.nodes.map((one) => [one.node.name, one.findings]));
  return changes
    .filter(({ status }) => status !== 'removed')
    .map((change) => ({
      node: change.node,
      ...firstProblem(change.failures),
      text: [
        `${change.status}${changeText(change) === '' ? '' : `: ${changeText(change)}`}`,
        ...detailLines(change, redact, 100),
        ...(findings.get(change.node) ?? []).map(({ what }) => `cannot be judged: ${what}`),
      ].join('\n'),
    }));
}
