import { inEnvironment, readable } from '../puppet/report/place.ts';
import { runFailure } from '../puppet/report/run-failure.ts';
import { redactor } from '../puppet/report/secrets.ts';
import type { Evidence } from './read-evidence.ts';
import { type AllowSkipped, notAppliedProblems, reportProblems } from './report-problems.ts';
import { resourceOutcomes } from './resource-outcome.ts';
import { type BakeFacts, bakeProblems, exitCodeProblems, missingReportProblem } from './run-problems.ts';
import type { Problem, ResourceOutcome, ResourceResult, RunVerdict } from './verdict.ts';

/**
 * Judges a node's run of Puppet. The image is verified only when the bake ended well, with an image, an exit code and a
 * report, and when that report is of this run, finished, agrees with the exit code and names no failure. Whatever is
 * missing is a problem.
 * @param bake what is known of the bake, or why nothing is
 * @param allowSkipped what it may leave out
 * @param secrets what is kept out of all texts besides what looks like a secret; global patterns
 */
export function judgeRun(
  node: string,
  bake: BakeFacts | { unknown: string },
  evidence: Evidence,
  secrets: readonly RegExp[] = [],
  allowSkipped: AllowSkipped = false,
): RunVerdict {
  const facts = 'unknown' in bake ? undefined : bake;
  const report = 'missing' in evidence.report ? undefined : evidence.report;
  const redact = redactor(secrets, report?.resources);
  const resources = report === undefined ? [] : resourceOutcomes(report, redact);
  const failed = resources.filter(({ result }) => result === 'failed').length;
  const ofBake = bakeProblems(bake);
  const ofPuppet: Problem[] = [
    ...('missing' in evidence.report ? [missingReportProblem(evidence.report, evidence.console)] : []),
    // An agent that got no catalog writes a report, too, but of nothing.
    ...(report?.status === 'failed' && resources.length === 0 ? failureOf(evidence.console) : []),
    ...(report === undefined ? [] : reportProblems(node, report, resources, facts, evidence.console)),
    ...(report === undefined ? [] : notAppliedProblems(report, allowSkipped)),
    ...(facts === undefined
      ? []
      : exitCodeProblems(facts.puppetExitCode, report && { status: report.status, failed })),
  ];
  // The cause first: where Puppet came to its end, it is Puppet's; else what kept it from getting there.
  const problems = facts?.puppetExitCode === undefined ? [...ofBake, ...ofPuppet] : [...ofPuppet, ...ofBake];
  // A copy: a piece of a report's text keeps all of it in memory, and verify holds the verdicts of all nodes.
  return structuredClone({
    node,
    ...(facts?.imageId === undefined ? {} : { imageId: facts.imageId }),
    ...(facts === undefined ? {} : { run: facts.run }),
    verified: problems.length === 0 && failed === 0,
    ...(report === undefined ? {} : { startedMs: report.timeMs }),
    problems: problems.map((problem) => ({
      ...inEnvironment(problem),
      message: readable(redact(problem.message)),
    })),
    resources: resources.map((resource) => ({
      ...inEnvironment(resource),
      messages: resource.messages.map(readable),
    })),
    counts: countsOf(resources, report?.counted?.total),
  });
}

function failureOf(consoleText: string): Problem[] {
  const failure = runFailure(consoleText);
  return failure === undefined ? [] : [failure];
}

/** What Puppet counted and did not list (exclude_unchanged_resources) is unchanged. */
function countsOf(resources: ResourceOutcome[], total = resources.length): Record<ResourceResult, number> {
  const left = Math.max(0, total - resources.length);
  const counts = { unchanged: left, changed: 0, failed: 0, skipped: 0 };
  for (const { result } of resources) counts[result] += 1;
  return counts;
}
