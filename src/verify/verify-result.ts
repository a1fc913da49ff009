import { withPlace } from '../puppet/report/place.ts';
import { runSummary, summaryLines } from './run-summary.ts';
import type { ImageCase, RunVerdict } from './verdict.ts';

/** A verdict and what followed from it. */
export interface VerifiedNode {
  verdict: RunVerdict;
  tagged: boolean;
  unavailable?: string;
  /** What could not be removed of what was launched to prove the image, with the reason. */
  leftovers: string[];
}

/**
 * The result as verify shows it. Exit code 4 when a proved image could not be tagged or servers of one could not be
 * removed, even if another node is not proved: a retry does it and then ends with 3.
 */
export function verifyResult(nodes: readonly VerifiedNode[]) {
  const rows = nodes.map((node) => {
    const { changed, unchanged, failed, skipped } = node.verdict.counts;
    const counts = [changed, unchanged, failed, skipped].map(String);
    return [node.verdict.node, wordOf(node), node.verdict.imageId ?? '-', ...counts, whyOf(node)];
  });
  const head = ['node', 'result', 'image', 'changed', 'unchanged', 'failed', 'skipped', 'why'];
  return {
    exitCode: exitCodeOf(nodes),
    json: { schema: 1, nodes: nodes.map(dataOf) },
    table: { head, rows },
    closing: nodes.flatMap(({ verdict }) => summaryLines(verdict)),
  };
}

function exitCodeOf(nodes: readonly VerifiedNode[]): number {
  if (nodes.some(({ unavailable, leftovers }) => unavailable !== undefined || leftovers.length > 0)) return 4;
  return nodes.every(({ tagged }) => tagged) ? 0 : 3;
}

function wordOf({ verdict, tagged }: VerifiedNode): string {
  if (!verdict.proved) return 'NOT PROVED';
  return tagged ? 'proved' : 'proved, NOT TAGGED';
}

function whyOf(node: VerifiedNode): string {
  const [reason] = reasonsOf(node);
  const left = node.leftovers.length === 0 ? [] : [`left behind: ${node.leftovers.join(', ')}`];
  return [...(reason === undefined ? [] : [reason]), ...left].join('; ');
}

/** Why a node's image is not tagged, in sentences; the cloud's reason last. */
export function reasonsOf({ verdict, unavailable }: VerifiedNode): string[] {
  return [...new Set([...problemsOf(verdict), ...(unavailable === undefined ? [] : [unavailable])])];
}

/** Why a verdict is not a good one: the first of its reasons, in a sentence. */
export function reasonOf(verdict: RunVerdict): string {
  return problemsOf(verdict)[0] ?? 'it is not known why';
}

function problemsOf(verdict: RunVerdict): string[] {
  return [
    ...verdict.problems.map((problem) => withPlace(problem.message, problem)),
    ...verdict.resources
      .filter(({ result }) => result === 'failed')
      .map((one) => withPlace(`${one.resource}: ${one.messages[0] ?? 'failed'}`, one)),
    ...(verdict.imageCases ?? []).flatMap((one) =>
      one.problems.map((text) => withPlace(`${caseText(one)}: ${text.split('\n')[0] ?? ''}`, one)),
    ),
    ...(verdict.setAside === undefined ? [] : [verdict.setAside]),
  ];
}

function caseText({ name, group }: ImageCase): string {
  return group === undefined ? `the image is not one that ${name}` : name;
}

function dataOf({ verdict, tagged, unavailable, leftovers }: VerifiedNode) {
  const { node, imageId, run, proved, counts, problems, resources, imageCases, setAside } = verdict;
  const told = resources.filter(({ result }) => result === 'failed');
  return {
    node,
    imageId,
    run,
    proved,
    tagged,
    unavailable,
    setAside,
    leftovers,
    counts,
    problems,
    failedResources: told,
    ...runSummary(resources),
    imageCases,
  };
}
