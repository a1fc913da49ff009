import XMLBuilder from 'fast-xml-builder';
import { type Place, withPlace } from '../puppet/place.ts';
import type { ImageCase, ResourceOutcome, RunVerdict } from '../puppet/verdict.ts';
import { className } from './class-name.ts';
import { attributeText, xmlText } from './xml-text.ts';

interface TestCase {
  '@classname': string;
  '@name': string;
  '@time'?: string;
  failure?: { '@message': string; '@type': string; '#text': string };
  skipped?: { '@message': string };
  'system-out'?: string;
}

/** Names that begin with @ are attributes. */
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
});

/**
 * A verdict as JUnit XML: a suite with the case `puppet run`, which fails for every problem of the run as a whole,
 * then a case for each resource, by class and name. Only elements and attributes that Jenkins' own schema (junit-10 of
 * its xUnit plugin) has; of a skipped case Jenkins shows the message, of any what it printed.
 */
export function junitXml(verdict: RunVerdict): string {
  const cases = [
    runCase(verdict),
    ...(verdict.imageCases ?? []).map((one) => imageCase(verdict.node, one)),
    ...resourceCases(verdict),
  ];
  const seconds = verdict.resources.reduce((sum, resource) => sum + resource.seconds, 0);
  const property = [
    ...(verdict.imageId === undefined
      ? []
      : [{ '@name': 'image', '@value': attributeText(verdict.imageId) }]),
    ...(verdict.run === undefined ? [] : [{ '@name': 'run', '@value': attributeText(verdict.run) }]),
  ];
  const counts = { '@tests': count(cases), '@failures': count(cases, 'failure'), '@errors': '0' };
  const suite = {
    '@name': attributeText(verdict.node),
    ...counts,
    '@skipped': count(cases, 'skipped'),
    '@time': timeText(seconds),
    ...(verdict.startedMs === undefined ? {} : { '@timestamp': new Date(verdict.startedMs).toISOString() }),
    ...(property.length === 0 ? {} : { properties: { property } }),
    testcase: cases,
  };
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...counts, testsuite: suite },
  });
}

function runCase({ node, problems }: RunVerdict): TestCase {
  const lines = problems.map((problem) => withPlace(problem.message, problem));
  return {
    '@classname': attributeText(className(node)),
    '@name': 'puppet run',
    ...failure(lines, problems[0]?.reason, problems[0]),
  };
}

function imageCase(node: string, one: ImageCase): TestCase {
  const { name, group = 'Image', containedIn, problems } = one;
  const of = `${node}.${group}`;
  return {
    '@classname': attributeText(containedIn === undefined ? of : className(of, { containedIn })),
    '@name': attributeText(name),
    ...failure(
      problems.map((text, at) => (at === 0 ? withPlace(text, one) : text)),
      'image',
    ),
  };
}

/** Puppet's own order changes with every edge of the catalog; a sorted file can be compared with the one before. */
function resourceCases({ node, resources }: RunVerdict): TestCase[] {
  const cases = resources.map((outcome) => ({ outcome, group: className(node, outcome) }));
  cases.sort((a, b) => compare(a.group, b.group) || compare(a.outcome.resource, b.outcome.resource));
  return cases.map(({ outcome, group }) => ({
    '@classname': attributeText(group),
    '@name': attributeText(outcome.resource),
    '@time': timeText(outcome.seconds),
    ...(outcome.result === 'failed' ? failure(failureLines(outcome), 'failed', outcome) : {}),
    ...(outcome.result === 'skipped'
      ? { skipped: { '@message': attributeText(outcome.messages[0] ?? '') } }
      : {}),
    ...(outcome.log === undefined ? {} : { 'system-out': xmlText(outcome.log.join('\n')) }),
  }));
}

function failureLines(outcome: ResourceOutcome): string[] {
  const [first, ...more] = outcome.messages;
  return [withPlace(first ?? 'failed', outcome), ...more];
}

/** The first line as the message, with its place also where it is too long; all as the text; no lines: no failure. */
function failure(lines: readonly string[], type = '', place: Place = {}): Pick<TestCase, 'failure'> {
  const [first] = lines;
  if (first === undefined) return {};
  const message = withPlace(attributeText(first), place);
  return { failure: { '@message': xmlText(message), '@type': type, '#text': xmlText(lines.join('\n')) } };
}

function count(cases: readonly TestCase[], kind?: 'failure' | 'skipped'): string {
  return String(kind === undefined ? cases.length : cases.filter((one) => one[kind] !== undefined).length);
}

/** Microseconds: fewer digits lose quick resources; never an exponent, which some readers refuse. */
function timeText(seconds: number): string {
  return String(Number(seconds.toFixed(6)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
