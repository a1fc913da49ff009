import { withPlace } from '../../puppet/report/place.ts';
import type { ImageCase, ResourceOutcome, RunVerdict } from '../verdict.ts';
import { className } from './class-name.ts';
import { failure, junitDocument, type TestCase, timeText } from './junit-document.ts';
import { attributeText, xmlText } from './xml-text.ts';

/**
 * A verdict as JUnit XML: a suite with the case `puppet run`, which fails for every problem of the run as a whole,
 * then a case for each resource, by class and name.
 */
export function junitXml(verdict: RunVerdict): string {
  const cases = [
    runCase(verdict),
    ...setAsideCases(verdict),
    ...(verdict.imageCases ?? []).map((one) => imageCase(verdict.node, one)),
    ...resourceCases(verdict),
  ];
  const seconds = verdict.resources.reduce((sum, resource) => sum + resource.seconds, 0);
  return junitDocument(
    {
      name: verdict.node,
      seconds,
      ...(verdict.startedMs === undefined ? {} : { startedMs: verdict.startedMs }),
      properties: {
        ...(verdict.imageId === undefined ? {} : { image: verdict.imageId }),
        ...(verdict.run === undefined ? {} : { run: verdict.run }),
      },
    },
    cases,
  );
}

function runCase({ node, problems }: RunVerdict): TestCase {
  const lines = problems.map((problem) => withPlace(problem.message, problem));
  return {
    '@classname': attributeText(className(node)),
    '@name': 'puppet run',
    ...failure(lines, problems[0]?.reason, problems[0]),
  };
}

/** No failed test of the image, and yet not green: an error, as JUnit calls what could not be tried. */
function setAsideCases({ node, setAside }: RunVerdict): TestCase[] {
  if (setAside === undefined) return [];
  const name = { '@classname': attributeText(`${node}.Image`), '@name': 'servers of the image' };
  return [{ ...name, error: { '@message': attributeText(setAside), '#text': xmlText(setAside) } }];
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
