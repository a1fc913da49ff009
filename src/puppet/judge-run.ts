import { inEnvironment, readable } from './place.ts';
import type { Evidence } from './read-evidence.ts';
import { resourceOutcome } from './resource-outcome.ts';
import { runFailure } from './run-failure.ts';
import {
  type BakeFacts,
  bakeProblems,
  exitCodeProblems,
  missingReportProblem,
  reportProblems,
} from './run-problems.ts';
import type { ImageCase, Problem, ResourceOutcome, ResourceResult, RunVerdict } from './verdict.ts';

/**
 * Judges a node's run of Puppet. Only a bake that ended well, with an image, an exit code, and a report that is of
 * this run, finished, agrees with the exit code and names no failure proves the image; whatever is missing is a
 * problem.
 * @param bake what is known of the bake, or why nothing is
 */
export function judgeRun(
  node: string,
  bake: BakeFacts | { unknown: string },
  evidence: Evidence,
): RunVerdict {
  const facts = 'unknown' in bake ? undefined : bake;
  const report = 'missing' in evidence.report ? undefined : evidence.report;
  const resources = report?.resources.map((resource) => resourceOutcome(resource, report.logs)) ?? [];
  const ofBake = bakeProblems(bake);
  const ofPuppet: Problem[] = [
    ...('missing' in evidence.report ? [missingReportProblem(evidence.report, evidence.console)] : []),
    // An agent that got no catalog writes a report, too, but of nothing.
    ...(report?.status === 'failed' && resources.length === 0 ? failureOf(evidence.console) : []),
    ...(report === undefined ? [] : reportProblems(report, resources, facts)),
    ...(facts === undefined ? [] : exitCodeProblems(facts.puppetExitCode, report?.status)),
  ];
  // The cause first: where Puppet came to its end, it is Puppet's; else what kept it from getting there.
  const problems = facts?.puppetExitCode === undefined ? [...ofBake, ...ofPuppet] : [...ofPuppet, ...ofBake];
  return {
    node,
    ...(facts?.imageId === undefined ? {} : { imageId: facts.imageId }),
    ...(facts === undefined ? {} : { run: facts.run }),
    proved: problems.length === 0 && resources.every((resource) => resource.result !== 'failed'),
    ...(report === undefined ? {} : { startedMs: report.timeMs }),
    problems: problems.map((problem) => ({ ...inEnvironment(problem), message: readable(problem.message) })),
    resources: resources.map((resource) => ({
      ...inEnvironment(resource),
      messages: resource.messages.map(readable),
    })),
    counts: countsOf(resources),
  };
}

function failureOf(consoleText: string): Problem[] {
  const failure = runFailure(consoleText);
  return failure === undefined ? [] : [failure];
}

/** The verdict with what servers of the image showed; one problem rejects it. */
export function withImageCases(verdict: RunVerdict, imageCases: ImageCase[]): RunVerdict {
  const bad = imageCases.filter(({ problems }) => problems.length > 0);
  const proved = verdict.proved && imageCases.length > 0 && bad.length === 0;
  return { ...verdict, proved, imageCases };
}

/** The verdict of a run whose image turns out not to be fit: gone, or not the one that was baked. */
export function rejectImage(verdict: RunVerdict, why: string): RunVerdict {
  const problem: Problem = { reason: 'no-image', message: why };
  return { ...verdict, proved: false, problems: [...verdict.problems, problem] };
}

function countsOf(resources: ResourceOutcome[]): Record<ResourceResult, number> {
  const counts = { unchanged: 0, changed: 0, failed: 0, skipped: 0 };
  for (const { result } of resources) counts[result] += 1;
  return counts;
}
