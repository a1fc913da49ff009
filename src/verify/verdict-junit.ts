import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, junitXml, oneLine, type TestCase } from '../cli/junit.ts';
import { orFileError, writeWhole } from '../lib/json-file.ts';
import { withPlace } from '../puppet/report/place.ts';
import type { ContentsChange, ImageCase, ResourceOutcome, RunVerdict } from './verdict.ts';
import { reportsAdvice } from '../cli/shared-flags.ts';

/**
 * Writes `<reports>/<node>/junit.xml`, also for a node that was never baked: Jenkins shows it as failed.
 * @throws FileError
 */
export async function writeVerdict(reports: string, verdict: RunVerdict): Promise<void> {
  await writeWhole(join(reports, verdict.node, 'junit.xml'), verdictXml(verdict), reportsAdvice);
}

/**
 * Removes the nodes' `junit.xml` and `verify.json` of an earlier verify: whatever becomes of this one, they are not of it.
 * @throws FileError
 */
export async function removeEarlier(reports: string, nodes: readonly { name: string }[]): Promise<void> {
  for (const { name } of nodes) {
    for (const file of [join(reports, name, 'junit.xml'), join(reports, name, 'verify.json')])
      await orFileError(file, reportsAdvice, () => rm(file, { force: true }));
  }
}

/**
 * A verdict as JUnit XML: a suite with the case `puppet run`, which fails for every problem of the run as a whole, what
 * servers of the image showed, then a case for each resource, by class and name.
 */
export function verdictXml(verdict: RunVerdict): string {
  const { node, imageId, run, startedMs, resources, imageCases = [] } = verdict;
  const head = {
    name: node,
    seconds: resources.reduce((sum, resource) => sum + resource.seconds, 0),
    ...(startedMs === undefined ? {} : { startedMs }),
    properties: {
      ...(imageId === undefined ? {} : { image: imageId }),
      ...(run === undefined ? {} : { run }),
    },
  };
  return junitXml(head, [
    runCase(verdict),
    ...setAsideCases(verdict),
    ...imageCases.map((one) => imageCase(node, one)),
    ...contentsCases(verdict),
    ...resourceCases(verdict),
  ]);
}

function runCase({ node, problems }: RunVerdict): TestCase {
  const [first, ...more] = problems;
  const messages = more.map((problem) => withPlace(problem.message, problem));
  return {
    className: className(node),
    name: 'puppet run',
    ...(first === undefined
      ? {}
      : failure(first.reason, [first.message, ...messages], (message) => withPlace(message, first))),
  };
}

/** No failed test of the image, and yet not green: an error, as JUnit calls what could not be tried. */
function setAsideCases({ node, setAside }: RunVerdict): TestCase[] {
  if (setAside === undefined) return [];
  const result = { kind: 'error', message: oneLine(setAside), text: setAside } as const;
  return [{ className: `${node}.Image`, name: 'servers of the image', result }];
}

/** Never fails: what changed is for a person to judge. Jenkins shows the first 1,000 characters of it. */
function contentsCases({ node, contents }: RunVerdict): TestCase[] {
  if (contents === undefined) return [];
  return [{ className: `${node}.Image`, name: 'contents', log: contentsText(contents).join('\n') }];
}

/** What changed in an image, for a person. */
export function contentsText({ against, lines, notCompared }: ContentsChange): string[] {
  const to = against === undefined ? '' : ` against ${against}`;
  if (notCompared !== undefined) return [`contents${to}: not compared: ${notCompared}`];
  if (lines.length === 0) return [`contents${to}: no difference is known`];
  return [`contents${to}:`, ...lines];
}

function imageCase(node: string, one: ImageCase): TestCase {
  const { name, group = 'Image', containedIn, problems } = one;
  const of = `${node}.${group}`;
  return {
    className: containedIn === undefined ? of : className(of, containedIn),
    name,
    ...failure('image', problems, (message) => withPlace(message, one)),
  };
}

/** Puppet's own order changes with every edge of the catalog; a sorted file can be compared with the one before. */
function resourceCases({ node, resources }: RunVerdict): TestCase[] {
  const cases = resources.map((outcome) => ({ outcome, group: className(node, outcome.containedIn) }));
  cases.sort((a, b) => compare(a.group, b.group) || compare(a.outcome.resource, b.outcome.resource));
  return cases.map(({ outcome, group }) => ({
    className: group,
    name: outcome.resource,
    seconds: outcome.seconds,
    ...resourceResult(outcome),
    ...(outcome.log === undefined ? {} : { log: outcome.log.join('\n') }),
  }));
}

function resourceResult(outcome: ResourceOutcome): Pick<TestCase, 'result'> {
  const { result, messages } = outcome;
  if (result === 'skipped') return { result: { kind: 'skipped', message: oneLine(messages[0] ?? '') } };
  if (result !== 'failed') return {};
  const lines = messages.length === 0 ? ['failed'] : messages;
  return failure('failed', lines, (message) => withPlace(message, outcome));
}

/**
 * The class of a test case, whose dots Jenkins opens as packages: `redis.Redis.Config` for what class
 * `redis::config` of node redis contains. What stands in no class is Puppet's own, as is the run itself.
 * @param containedIn what contains it, from the stage down
 */
export function className(node: string, containedIn: readonly string[] = []): string {
  const containers = containedIn.filter((name) => name !== 'Stage[main]');
  return [node, ...(containers.length === 0 ? ['Puppet'] : containers.map(segment))].join('.');
}

/** A defined type keeps its title, in which a dot is no boundary: `Redis::Conf[a_conf]`. */
function segment(container: string): string {
  return container.includes('[') ? container.replaceAll('.', '_') : container.replaceAll('::', '.');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
