import { type AllowSkipped, notAppliedProblems } from './not-applied.ts';
import { inEnvironment, readable } from '../puppet/report/place.ts';
import type { Evidence } from './read-evidence.ts';
import { reportProblems } from './report-problems.ts';
import { resourceOutcomes } from './resource-outcome.ts';
import { runFailure } from '../puppet/report/run-failure.ts';
import { type BakeFacts, bakeProblems, exitCodeProblems, missingReportProblem } from './run-problems.ts';
import { redactor } from '../puppet/report/secrets.ts';
import type { ImageCase, Problem, ResourceOutcome, ResourceResult, RunVerdict } from './verdict.ts';

/**
 * Judges a node's run of Puppet. Only a bake that ended well, with an image, an exit code, and a report that is of
 * this run, finished, agrees with the exit code and names no failure proves the image; whatever is missing is a
 * problem.
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
    proved: problems.length === 0 && failed === 0,
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

/** The verdict with what servers of the image showed, without secrets; one problem rejects it. */
export function withImageCases(
  verdict: RunVerdict,
  cases: ImageCase[],
  secrets: readonly RegExp[] = [],
): RunVerdict {
  const redact = redactor(secrets);
  const imageCases = cases.map((one) => ({
    ...one,
    name: redact(one.name),
    ...(one.containedIn === undefined ? {} : { containedIn: one.containedIn.map(redact) }),
    problems: one.problems.map(redact),
  }));
  const bad = imageCases.filter(({ problems }) => problems.length > 0);
  const proved = verdict.proved && imageCases.length > 0 && bad.length === 0;
  return { ...verdict, proved, imageCases };
}

/** What a proof by servers makes of a verdict: what they showed, or why that is not known. */
export function withProof(
  verdict: RunVerdict,
  { shown, leftovers }: { shown: ImageCase[] | { unavailable: string }; leftovers: string[] },
  secrets: readonly RegExp[],
): { verdict: RunVerdict; unavailable?: string; leftovers: string[] } {
  return 'unavailable' in shown
    ? { verdict, leftovers, unavailable: redactor(secrets)(shown.unavailable) }
    : { verdict: withImageCases(verdict, shown, secrets), leftovers };
}

/** The verdict of a run whose image turns out not to be fit. */
export function reject(verdict: RunVerdict, why: string): RunVerdict {
  const problem: Problem = { reason: 'image-unproved', message: why };
  return { ...verdict, proved: false, problems: [...verdict.problems, problem] };
}

/** The verdict of a run whose image was to be proved by servers that have shown nothing of it. */
export function setAside(verdict: RunVerdict, why: string): RunVerdict {
  return { ...verdict, proved: false, setAside: why };
}

/** What Puppet counted and did not list (exclude_unchanged_resources) is unchanged. */
function countsOf(resources: ResourceOutcome[], total = resources.length): Record<ResourceResult, number> {
  const left = Math.max(0, total - resources.length);
  const counts = { unchanged: left, changed: 0, failed: 0, skipped: 0 };
  for (const { result } of resources) counts[result] += 1;
  return counts;
}
