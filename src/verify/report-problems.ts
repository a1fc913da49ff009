import { locate } from '../puppet/report/console.ts';
import type { Report, ReportResource } from '../puppet/report/report.ts';
import { resultOf, unexplainedErrors } from './resource-outcome.ts';
import { type BakeFacts, identityProblems } from './run-problems.ts';
import type { Problem, ProblemReason, ResourceOutcome } from './verdict.ts';

/** What Puppet logs when a resource that makes others (`recurse => true`, `purge => true`) cannot name them. */
const notGenerated = /^Failed to generate additional resources using '(?:eval_)?generate'/;

/**
 * Problems that a report shows as a whole.
 * @param bake undefined when nothing is known of it
 * @param consoleText what Puppet printed in that bake
 */
export function reportProblems(
  node: string,
  report: Report,
  resources: readonly ResourceOutcome[],
  bake: BakeFacts | undefined,
  consoleText: string,
): Problem[] {
  const failed = resources.filter((resource) => resource.result === 'failed');
  const logged = errorProblems(report);
  const explained = logged.some(({ reason }) => reason === 'not-generated');
  const problems: Problem[] = [];
  // Resources that could not be generated fail the status and nothing else.
  if (report.status === 'failed' && (failed.length > 0 || !explained)) problems.push(statusProblem(failed));
  else if (report.status !== 'failed' && failed.length > 0) {
    const text = `the report says '${report.status}' although ${failed.length} of its resources failed`;
    problems.push(problem('disagreement', text));
  }
  problems.push(...logged);
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
  return [
    ...problems,
    ...countProblems(report, failed.length),
    ...identityProblems(node, report, bake, consoleText),
  ];
}

/** The errors that Puppet logged and no failed resource explains. */
export function errorProblems(report: Report): Problem[] {
  return unexplainedErrors(report).map((log) => {
    const place = { ...(log.file && { file: log.file }), ...(log.line && { line: log.line }) };
    const [reason, text] = notGenerated.test(log.message)
      ? ([
          'not-generated',
          `${log.source} could not name the resources that it manages: ${log.message}`,
        ] as const)
      : (['error-logged', `Puppet logged an error: ${log.message}`] as const);
    return { ...locate(log.message), ...place, reason, message: text };
  });
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

/** Puppet's own counts against what the report lists: a report that lost some of its resources is none. */
function countProblems(report: Report, failed: number): Problem[] {
  const { counted, format, resources } = report;
  if (counted === undefined) return [];
  const problems: Problem[] = [];
  // From Puppet 7 on unchanged ones may be left out.
  if (format < 12 ? counted.total !== resources.length : counted.total < resources.length) {
    const text = `the report lists ${resources.length} resources although Puppet counted ${counted.total}`;
    problems.push(problem('disagreement', text));
  }
  if (counted.failed > failed) {
    const text = `the report lists ${failed} failed resources although Puppet counted ${counted.failed}`;
    problems.push(problem('disagreement', text));
  }
  return problems;
}

/** What nodes.yaml allows a run to leave out: every resource, or those with these names (`File[/etc/motd]`). */
export type AllowSkipped = boolean | readonly string[];

/** A resource of the manifests that a run left out although nothing that it depends on failed. */
export interface NotApplied {
  resource: ReportResource;
  /** `noop`: by its own parameter, or a default. `skipped`: by a schedule, a tag, or since it is not for this machine. */
  how: 'skipped' | 'noop';
}

/**
 * The resources that a run left out without a failure. In a run with a failure there are none: it is no good anyway, and
 * Puppet names a failure only to the first resource that it keeps from being applied.
 */
export function notApplied({ resources }: Pick<Report, 'resources'>): NotApplied[] {
  if (resources.some((resource) => resultOf(resource) === 'failed')) return [];
  return (
    resources
      // Puppet's own schedules and file bucket stand in no manifest; a tag skips them as well.
      .filter(({ containmentPath }) => containmentPath.length > 1)
      .flatMap((resource): NotApplied[] => {
        if (resource.skipped) return [{ resource, how: 'skipped' }];
        return resource.events.some(({ status }) => status === 'noop') ? [{ resource, how: 'noop' }] : [];
      })
  );
}

/** A problem for the resources that a bake left out and nodes.yaml does not allow it to. */
export function notAppliedProblems(report: Report, allowed: AllowSkipped): Problem[] {
  if (allowed === true || report.noop) return [];
  const names = new Set(allowed === false ? [] : allowed);
  const left = notApplied(report).filter(({ resource }) => !names.has(resource.resource));
  const [first] = left;
  if (first === undefined) return [];
  const more = left.length > 1 ? ` and ${left.length - 1} more` : '';
  const why =
    first.how === 'noop' ? 'it is in noop mode' : 'skipped by a schedule or a tag, or not for this machine';
  const { resource, file, line } = first.resource;
  return [
    {
      reason: 'not-applied',
      message: `Puppet did not apply ${resource}${more}: ${why}; \`allow_skipped\` in nodes.yaml permits it`,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    },
  ];
}

function problem(reason: ProblemReason, message: string): Problem {
  return { reason, message };
}
