import { exitCode } from '../lib/errors.ts';
import { inEnvironment, placeText, withPlace } from '../puppet/report/place.ts';
import type { ImageCase, ResourceOutcome, RunVerdict } from './verdict.ts';

/** A verdict, and what became of the image. */
export interface VerifiedNode {
  verdict: RunVerdict;
  /** The image has the tag of a verified one now. */
  tagged: boolean;
  /** Why nothing is known or tagged: the cloud, the account or this computer lacked something. */
  unavailable?: string;
  /** Servers of the image, and what belongs to them, that could not be removed, each with the reason. */
  leftovers: string[];
}

/**
 * The result as verify shows it. Exit code 4 when an image could not be tagged or examined, or its servers could not be
 * removed, even if another image is rejected: a retry does it and then ends with 3.
 */
export function verifyResult(nodes: readonly VerifiedNode[]) {
  const rows = nodes.map((node) => {
    const { changed, unchanged, failed, skipped } = node.verdict.counts;
    const counts = [changed, unchanged, failed, skipped].map(String);
    return [node.verdict.node, wordOf(node), node.verdict.imageId ?? '-', ...counts, whyOf(node)];
  });
  const head = ['node', 'result', 'image', 'changed', 'unchanged', 'failed', 'skipped', 'why'];
  return {
    exitCode: exitCodeFor(nodes),
    json: { schema: 1, nodes: nodes.map(dataOf) },
    table: { head, rows },
    closing: nodes.flatMap(({ verdict }) => summaryLines(verdict)),
  };
}

function exitCodeFor(nodes: readonly VerifiedNode[]): number {
  if (nodes.some(({ unavailable, leftovers }) => unavailable !== undefined || leftovers.length > 0))
    return exitCode.unavailable;
  return nodes.every(({ tagged }) => tagged) ? exitCode.done : exitCode.nodeFailed;
}

function wordOf({ verdict, tagged }: VerifiedNode): string {
  const isBad = verdict.imageCases?.some(({ problems }) => problems.length > 0) ?? false;
  if (verdict.setAside !== undefined && !isBad) return 'UNDECIDED';
  if (!verdict.verified) return 'rejected';
  return tagged ? 'verified' : 'verified, NOT TAGGED';
}

function whyOf(node: VerifiedNode): string {
  const { unavailable, leftovers } = node;
  const [reason] = reasonsOf(node);
  const left = leftovers.length === 0 ? [] : [`left behind: ${leftovers.join(', ')}`];
  // Also of a rejected image: its tag, or that of a copy, may still say that it is good.
  const lost = unavailable === undefined || unavailable === reason ? [] : [unavailable];
  return [...(reason === undefined ? [] : [reason]), ...lost, ...left].join('; ');
}

/** Why a node's image is not tagged, in sentences; the cloud's reason last. */
export function reasonsOf({ verdict, unavailable }: VerifiedNode): string[] {
  return [...new Set([...problemsOf(verdict), ...(unavailable === undefined ? [] : [unavailable])])];
}

/** Why an image is rejected: the first reason, in a sentence. */
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
  const { node, imageId, run, verified, counts, problems, resources, imageCases, setAside, contents } =
    verdict;
  return {
    node,
    imageId,
    run,
    // Its name since schema 1.
    proved: verified,
    tagged,
    unavailable,
    setAside,
    leftovers,
    counts,
    problems,
    failedResources: resources.filter(({ result }) => result === 'failed'),
    ...runSummary(resources),
    imageCases,
    contents,
  };
}

/** Where the time of a run went. */
export interface RunSummary {
  /** The slowest resources, slowest first; none that took less than a millisecond. */
  slowest: { resource: string; seconds: number; place: string }[];
  /** The slowest classes and defined types: the sum of what each holds itself, without what the classes in it hold. */
  slowestClasses: { name: string; seconds: number; resources: number }[];
}

const maxListed = 10;
const leastSeconds = 0.001;

export function runSummary(resources: readonly ResourceOutcome[]): RunSummary {
  const slowest = resources
    .filter(({ seconds }) => seconds >= leastSeconds)
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, maxListed)
    .map((one) => ({
      resource: one.resource,
      seconds: rounded(one.seconds),
      place: placeText(inEnvironment(one)),
    }));
  const classes = new Map<string, { seconds: number; resources: number }>();
  for (const { containedIn, seconds } of resources) {
    const name = containedIn.at(-1) ?? "Puppet's own";
    const sum = classes.get(name) ?? { seconds: 0, resources: 0 };
    classes.set(name, { seconds: sum.seconds + seconds, resources: sum.resources + 1 });
  }
  const slowestClasses = [...classes]
    .map(([name, sum]) => ({ name, ...sum, seconds: rounded(sum.seconds) }))
    .filter(({ seconds }) => seconds >= leastSeconds)
    .sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1))
    .slice(0, maxListed);
  return { slowest, slowestClasses };
}

/** The summary for a person; no lines for a node of which nothing is known. */
export function summaryLines({ node, counts, resources }: RunVerdict): string[] {
  if (resources.length === 0) return [];
  const { changed, unchanged, failed, skipped } = counts;
  const { slowest, slowestClasses } = runSummary(resources);
  return [
    '',
    `${node}: ${changed} changed, ${unchanged} unchanged, ${failed} failed, ${skipped} skipped`,
    ...(slowest.length === 0 ? [] : ['  slowest resources']),
    ...slowest.map((one) => `${seconds(one)}  ${one.resource}${one.place === '' ? '' : `  ${one.place}`}`),
    ...(slowestClasses.length === 0 ? [] : ['  slowest classes']),
    ...slowestClasses.map((one) => `${seconds(one)}  ${one.name} (${one.resources})`),
  ];
}

function seconds(one: { seconds: number }): string {
  return `${one.seconds.toFixed(3).padStart(12)} s`;
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
