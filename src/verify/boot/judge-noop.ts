import { inEnvironment, readable } from '../../puppet/report/place.ts';
import type { Report, ReportResource } from '../../puppet/report/report.ts';
import { type Redact, redactor } from '../../puppet/report/secrets.ts';
import type { Evidence } from '../read-evidence.ts';
import { errorProblems } from '../report-problems.ts';
import { eventText, resourceOutcomes } from '../resource-outcome.ts';
import { missingReportProblem } from '../run-problems.ts';
import type { ImageCase, Problem } from '../verdict.ts';

/** A message is all that a Notify is: it is pending on every run, and changes nothing. */
const changesNothing = new Set(['Notify']);

/**
 * What a noop run of Puppet on a server of a new image shows: a case for the run, and one for each resource that Puppet
 * would still change there, since it drifted on the way into the image or never converges.
 * @param exitCode of that run; undefined when it did not get to its end
 */
export function judgeNoop(
  evidence: Evidence,
  exitCode: number | undefined,
  secrets: readonly RegExp[] = [],
): ImageCase[] {
  if ('missing' in evidence.report)
    return [runCase([missingReportProblem(evidence.report, evidence.console)])];
  const report = evidence.report;
  const redact = redactor(secrets, report.resources);
  const problems = runProblems(report, exitCode, redact);
  const redacted = problems.map((problem) => ({ ...problem, message: redact(problem.message) }));
  return [runCase(redacted), ...pendingCases(report, redact)];
}

/** The case of the run as a whole. It fails when the run says nothing of the image. */
export function runCase(problems: readonly Problem[]): ImageCase {
  const [first] = problems.map(inEnvironment);
  return {
    name: 'puppet noop run',
    group: 'Converge',
    problems: problems.map(({ message }) => readable(message)),
    ...(first?.file === undefined ? {} : { file: first.file }),
    ...(first?.line === undefined ? {} : { line: first.line }),
  };
}

function runProblems(report: Report, exitCode: number | undefined, redact: Redact): Problem[] {
  const problems: Problem[] = [];
  const add = (reason: Problem['reason'], message: string, more: Partial<Problem> = {}) =>
    problems.push({ ...more, reason, message });
  if (!report.noop)
    add('disagreement', 'Puppet did not run in noop mode: what it says is not about the image');
  if (!report.completed) add('not-completed', 'the noop run did not finish');
  if (report.cachedCatalog === 'on_failure')
    add('cached-catalog', 'the noop run compared with an old, cached catalog');
  const outcomes = resourceOutcomes(report, redact);
  for (const { resource, result, messages, file, line } of outcomes) {
    const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
    if (result === 'failed')
      add('status-failed', `${resource} cannot be judged: ${messages[0] ?? ''}`, place);
  }
  problems.push(...errorProblems(report));
  if (report.status === 'failed' && problems.length === 0) add('status-failed', 'the noop run failed');
  if (!outcomes.some(({ containedIn }) => containedIn.length > 0))
    add('empty-catalog', 'the noop run names no resource of the manifests');
  // What a run may leave out is judged by the bake's report; here it only has to have compared something.
  const compared = report.resources.some((one) => one.containmentPath.length > 1 && !one.skipped);
  if (!compared && problems.length === 0)
    add('not-applied', 'the noop run skipped all resources of the manifests: nothing was compared');
  // With --noop nothing changes, so Puppet ends with 0, or with 2 when it counts what is pending.
  if (exitCode !== 0 && exitCode !== 2 && problems.length === 0)
    add(
      'exit-code',
      `the noop run ended with exit code ${exitCode === undefined ? 'unknown' : String(exitCode)}`,
    );
  return problems;
}

function pendingCases(report: Report, redact: Redact): ImageCase[] {
  return report.resources.flatMap((resource) => {
    const texts = pendingTexts(resource, redact);
    if (texts.length === 0) return [];
    const { file, line } = inEnvironment(resource);
    return {
      name: redact(resource.resource),
      group: 'Converge',
      containedIn: resource.containmentPath.slice(0, -1),
      problems: texts,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    };
  });
}

function pendingTexts(resource: ReportResource, redact: Redact): string[] {
  if (changesNothing.has(resource.type)) return [];
  return resource.events
    .filter(({ status }) => status === 'noop')
    .map((event) => `Puppet would still change it: ${redact(eventText(resource, event, redact))}`);
}
