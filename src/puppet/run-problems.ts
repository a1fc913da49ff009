import { consoleError, locate } from './console.ts';
import { runFailure } from './run-failure.ts';
import type { MissingReport } from './read-evidence.ts';
import type { Report } from './report.ts';
import { unexplainedErrors } from './resource-outcome.ts';
import type { Problem, ProblemReason, ResourceOutcome } from './verdict.ts';

/** What a verdict needs to know of the bake. Times are ISO 8601, by the clock of the machine that built. */
export interface BakeFacts {
  status: string;
  run: string;
  imageId?: string | undefined;
  startedAt: string;
  finishedAt?: string | undefined;
  puppetExitCode?: number | undefined;
  error?: string | undefined;
}

/** How far the instance's clock may be from the builder's: it is set right by NTP only some time after boot. */
export const clockToleranceMs = 5 * 60_000;

/** Of `--detailed-exitcodes`; 0 and 2 are the good ones. */
const exitCodeMeanings: Record<number, string> = {
  1: 'the run itself failed, e.g. the catalog did not compile',
  4: 'resources failed',
  6: 'some resources changed, others failed',
};

/** Problems that the bake's own record shows. */
export function bakeProblems(bake: BakeFacts | { unknown: string }): Problem[] {
  if ('unknown' in bake) return [problem('bake-unknown', bake.unknown)];
  const why = bake.error === undefined ? '' : `: ${bake.error}`;
  return [
    ...(bake.status === 'baked' ? [] : [problem('bake-not-done', `the bake is ${bake.status}${why}`)]),
    ...(bake.imageId === undefined ? [problem('no-image', 'the bake made no image')] : []),
    ...(bake.puppetExitCode === undefined
      ? [problem('no-exit-code', "the bake has no exit code of Puppet: it did not get to Puppet's end")]
      : []),
  ];
}

/** Problems with Puppet's exit code, and with a report that says something else. */
export function exitCodeProblems(code: number | undefined, status: Report['status'] | undefined): Problem[] {
  if (code === undefined) return [];
  const good = code === 0 || code === 2;
  const meaning = exitCodeMeanings[code] ?? 'it did not end by itself';
  const problems = good ? [] : [problem('exit-code', `Puppet ended with exit code ${code}: ${meaning}`)];
  // Puppet takes code and status from the same counts, so they differ only in reports of different runs; but a
  // resource that could not be generated fails the status and leaves the code as it was.
  const agrees = status === undefined || status === 'failed' || code === (status === 'changed' ? 2 : 0);
  if (!agrees) {
    const text = `Puppet ended with exit code ${code} but the report says '${status}': it may be of another run`;
    problems.push(problem('disagreement', text));
  }
  return problems;
}

/** The problem of a run without a report, with the error that Puppet printed, if any. */
export function missingReportProblem(report: MissingReport, consoleText: string): Problem {
  const failure = runFailure(consoleText);
  if (failure !== undefined) return failure;
  const printed = consoleError(consoleText);
  if (printed === undefined) return problem(report.missing, report.message);
  const what =
    report.missing === 'no-report' ? 'Puppet ended without a report' : `${report.message}; it said`;
  return { ...printed, reason: report.missing, message: `${what}: ${printed.message}` };
}

/** Problems that a report shows as a whole. */
export function reportProblems(
  report: Report,
  resources: readonly ResourceOutcome[],
  bake: BakeFacts | undefined,
): Problem[] {
  const failed = resources.filter((resource) => resource.result === 'failed');
  const problems: Problem[] = [];
  if (report.status === 'failed') problems.push(statusProblem(failed));
  else if (failed.length > 0) {
    const text = `the report says '${report.status}' although ${failed.length} of its resources failed`;
    problems.push(problem('disagreement', text));
  }
  for (const log of unexplainedErrors(report)) {
    const place = { ...(log.file && { file: log.file }), ...(log.line && { line: log.line }) };
    const text = `Puppet logged an error: ${log.message}`;
    problems.push({ ...locate(log.message), ...place, reason: 'error-logged', message: text });
  }
  if (!report.completed)
    problems.push(problem('not-completed', 'the report is of a run that did not finish'));
  if (report.noop) problems.push(problem('noop', 'Puppet ran in noop mode: it changed nothing'));
  if (report.cachedCatalog === 'on_failure') {
    const text = 'Puppet applied an old, cached catalog, since the server gave it none';
    problems.push(problem('cached-catalog', text));
  }
  // Puppet adds schedules and a file bucket to every catalog, also to an empty one; they stand in no manifest.
  if (!resources.some((resource) => resource.containedIn.length > 0)) {
    const text =
      'the report names no resource of the manifests: no class is assigned to the node, or Puppet left unchanged ' +
      'resources out (exclude_unchanged_resources)';
    problems.push(problem('empty-catalog', text));
  }
  return [...problems, ...(bake === undefined ? [] : ageProblems(report.timeMs, bake))];
}

function statusProblem(failed: readonly ResourceOutcome[]): Problem {
  const [first] = failed;
  if (first === undefined) {
    const text =
      "the report's status is 'failed' although no resource failed: the run broke off or could not generate resources";
    return problem('status-failed', text);
  }
  const others = failed.length > 1 ? ` and ${failed.length - 1} more` : '';
  return {
    ...problem('status-failed', `Puppet failed at ${first.resource}${others}: ${first.messages[0] ?? ''}`),
    ...(first.file && { file: first.file }),
    ...(first.line && { line: first.line }),
  };
}

/** A report from before the bake survived in the source image; one from after it is of another bake. */
function ageProblems(reportMs: number, bake: BakeFacts): Problem[] {
  const startMs = Date.parse(bake.startedAt);
  const endMs = bake.finishedAt === undefined ? Infinity : Date.parse(bake.finishedAt);
  const at = new Date(reportMs).toISOString();
  if (reportMs < startMs - clockToleranceMs) {
    return [
      problem('stale-report', `the report is of ${at}, from before the bake's start at ${bake.startedAt}`),
    ];
  }
  if (reportMs > endMs + clockToleranceMs) {
    return [
      problem(
        'stale-report',
        `the report is of ${at}, from after the bake's end at ${bake.finishedAt ?? ''}`,
      ),
    ];
  }
  return [];
}

function problem(reason: ProblemReason, message: string): Problem {
  return { reason, message };
}
