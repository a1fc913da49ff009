import { inEnvironment, placeText } from '../puppet/report/place.ts';
import type { ResourceOutcome, RunVerdict } from './verdict.ts';

/** Where the time of a run went. */
export interface RunSummary {
  /** The slowest resources, slowest first; none that took less than a millisecond. */
  slowest: { resource: string; seconds: number; place: string }[];
  /** The slowest classes and defined types: the sum of what each holds itself, without what the classes in it hold. */
  slowestClasses: { name: string; seconds: number; resources: number }[];
}

const maxListed = 10;
const leastSeconds = 0.001;

export function runSummary(resources: readonly ResourceOutcome[]): RunSummary {
  const slowest = resources
    .filter(({ seconds }) => seconds >= leastSeconds)
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, maxListed)
    .map((one) => ({
      resource: one.resource,
      seconds: rounded(one.seconds),
      place: placeText(inEnvironment(one)),
    }));
  const classes = new Map<string, { seconds: number; resources: number }>();
  for (const { containedIn, seconds } of resources) {
    const name = containedIn.at(-1) ?? "Puppet's own";
    const sum = classes.get(name) ?? { seconds: 0, resources: 0 };
    classes.set(name, { seconds: sum.seconds + seconds, resources: sum.resources + 1 });
  }
  const slowestClasses = [...classes]
    .map(([name, sum]) => ({ name, ...sum, seconds: rounded(sum.seconds) }))
    .filter(({ seconds }) => seconds >= leastSeconds)
    .sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1))
    .slice(0, maxListed);
  return { slowest, slowestClasses };
}

/** The summary for a person; no lines for a node of which nothing is known. */
export function summaryLines({ node, counts, resources }: RunVerdict): string[] {
  if (resources.length === 0) return [];
  const { changed, unchanged, failed, skipped } = counts;
  const { slowest, slowestClasses } = runSummary(resources);
  return [
    '',
    `${node}: ${changed} changed, ${unchanged} unchanged, ${failed} failed, ${skipped} skipped`,
    ...(slowest.length === 0 ? [] : ['  slowest resources']),
    ...slowest.map((one) => `${seconds(one)}  ${one.resource}${one.place === '' ? '' : `  ${one.place}`}`),
    ...(slowestClasses.length === 0 ? [] : ['  slowest classes']),
    ...slowestClasses.map((one) => `${seconds(one)}  ${one.name} (${one.resources})`),
  ];
}

function seconds(one: { seconds: number }): string {
  return `${one.seconds.toFixed(3).padStart(12)} s`;
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
