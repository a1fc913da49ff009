import junit, { type Builder, type TestSuite } from 'junit-report-builder';
import { withPlace } from '../puppet/place.ts';
import type { ImageCase, ResourceOutcome, RunVerdict } from '../puppet/verdict.ts';
import { className } from './class-name.ts';
import { cdataText, xmlText } from './xml-text.ts';

/** What the package exports is the builder itself; its types, made for another loader, know it as `default`. */
const junitBuilder = junit as unknown as Builder;

/**
 * A verdict as JUnit XML: a suite with the case `puppet run`, which fails for every problem of the run as a whole,
 * then a case for each resource, by class and name.
 */
export function junitXml(verdict: RunVerdict): string {
  const builder = junitBuilder.newBuilder();
  const suite = builder.testSuite().name(xmlText(verdict.node));
  if (verdict.startedMs !== undefined) suite.timestamp(new Date(verdict.startedMs).toISOString());
  suite.time(rounded(verdict.resources.reduce((sum, { seconds }) => sum + seconds, 0)));
  if (verdict.imageId !== undefined) suite.property('image', xmlText(verdict.imageId));
  if (verdict.run !== undefined) suite.property('run', xmlText(verdict.run));
  addRun(suite, verdict);
  for (const one of verdict.imageCases ?? []) addImageCase(suite, verdict.node, one);
  // Puppet's own order changes with every edge of the catalog; a sorted file can be compared with the one before.
  const cases = verdict.resources.map((outcome) => ({ outcome, group: className(verdict.node, outcome) }));
  cases.sort((a, b) => compare(a.group, b.group) || compare(a.outcome.resource, b.outcome.resource));
  for (const { outcome, group } of cases) addResource(suite, xmlText(group), outcome);
  return builder.build();
}

function addRun(suite: TestSuite, { node, problems }: RunVerdict): void {
  const run = suite
    .testCase()
    .className(xmlText(className(node)))
    .name('puppet run');
  const lines = problems.map((problem) => xmlText(withPlace(problem.message, problem)));
  const [first] = problems;
  if (first !== undefined) run.failure(lines[0], first.reason).stacktrace(cdataText(lines.join('\n')));
}

function addImageCase(suite: TestSuite, node: string, { name, problems }: ImageCase): void {
  const one = suite
    .testCase()
    .className(xmlText(`${node}.Image`))
    .name(xmlText(name));
  const [first] = problems;
  if (first !== undefined)
    one
      .failure(xmlText(first.split('\n')[0] ?? ''), 'image')
      .stacktrace(cdataText(problems.map(xmlText).join('\n')));
}

function addResource(suite: TestSuite, group: string, outcome: ResourceOutcome): void {
  const resource = suite.testCase().className(group).name(xmlText(outcome.resource));
  resource.time(rounded(outcome.seconds));
  const lines = outcome.messages.map(xmlText);
  if (outcome.result === 'failed') {
    const message = xmlText(withPlace(lines[0] ?? 'failed', outcome));
    resource.failure(message, 'failed').stacktrace(cdataText([message, ...lines.slice(1)].join('\n')));
  }
  if (outcome.result === 'skipped') {
    resource.skipped();
    if (lines.length > 0) resource.standardOutput(cdataText(lines.join('\n')));
  }
}

/** Microseconds: fewer digits lose quick resources, more become an exponent, which some readers refuse. */
function rounded(seconds: number): number {
  return Number(seconds.toFixed(6));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
