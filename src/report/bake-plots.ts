// d3 counts where marks lie (scales, stacks, symbols) and needs no DOM for it; Mustache, which renders the packs, too, prints
// them as SVG. So a page needs no script. Both are compiled into the package: an agent installs and builds nothing.
import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { BakeOverview, NodeOverview, ResourceLine } from '../overview/overview.ts';
import { countText, place, secondsText, timeText } from './show.ts';

const width = 760;
/** How many bakes are drawn. */
const mostBakes = 12;
const mostResources = 10;
/** As many colours as plots.css has for phases. */
const colours = 12;

/** The bakes whose records are known, the oldest first. */
export function bakesOf({ images, lastBake }: NodeOverview): BakeOverview[] {
  const kept = images.flatMap(({ bake }) => (bake === undefined ? [] : [bake]));
  const isKept = kept.some(
    ({ startedMs, image }) => startedMs === lastBake?.startedMs && image === lastBake.image,
  );
  const all = lastBake === undefined || isKept ? kept : [...kept, lastBake];
  return all.toSorted((a, b) => a.startedMs - b.startedMs).slice(-mostBakes);
}

/** How long each phase of the last bakes took, as a stack for each bake; undefined: no bake says it. */
export function phasesPlot(bakes: readonly BakeOverview[]) {
  const timed = bakes.filter(({ phases }) => phases.length > 0);
  if (timed.length === 0) return undefined;
  const names = [...new Set(timed.flatMap(({ phases }) => phases.map(({ phase }) => phase)))];
  const secondsOf = (bake: BakeOverview, name: string) =>
    bake.phases
      .filter(({ phase }) => phase === name)
      .reduce((sum, { seconds }) => sum + Math.max(0, seconds), 0);
  const totals = timed.map((bake) => bake.phases.reduce((sum, { seconds }) => sum + Math.max(0, seconds), 0));
  const [left, top, bottom] = [64, 8, 160];
  const y = scaleLinear([0, Math.max(1, ...totals)], [bottom, top]).nice(4);
  const x = scaleBand<number>([...timed.keys()], [left, width - 8]).padding(0.25);
  // A lone bake is no wall.
  const barWidth = Math.min(x.bandwidth(), 48);
  const layers = stack<BakeOverview>().keys(names).value(secondsOf)(timed);
  return {
    width,
    label: `How long the phases of ${countText(timed.length, 'bake')} took. The table below has the figures.`,
    left,
    bottom,
    barWidth: place(barWidth),
    layers: layers.map((layer, index) => ({
      colour: index % colours,
      // One path for all its bars: a rectangle of each would be a fifth of the page.
      path: layer
        .flatMap(([from, to], bake) => {
          const middle = place((x(bake) ?? 0) + x.bandwidth() / 2);
          return to > from ? [`M${middle} ${place(y(from))}V${place(y(to))}`] : [];
        })
        .join(''),
    })),
    ticks: y.ticks(4).map((tick) => ({ y: place(y(tick)), text: secondsText(tick) })),
    ends: endsOf(timed),
    legend: names.map((name, index) => ({ name, colour: index % colours })),
    rows: names.map((name) => {
      const all = timed.flatMap((bake) =>
        bake.phases.some(({ phase }) => phase === name) ? [secondsOf(bake, name)] : [],
      );
      return figuresOf(name, all);
    }),
    whole: figuresOf('whole bake', totals),
  };
}

/** Of the bakes, the oldest first. */
function figuresOf(name: string, seconds: readonly number[]) {
  return {
    ...{ name, last: secondsText(seconds.at(-1) ?? 0), middle: secondsText(median(seconds)) },
    most: secondsText(Math.max(0, ...seconds)),
  };
}

/** The dates below the first and the last bar. */
function endsOf(bakes: readonly BakeOverview[]) {
  const [first, last] = [bakes[0], bakes.at(-1)];
  const text = (bake: BakeOverview | undefined) => (bake === undefined ? '' : timeText(bake.startedMs));
  return { first: text(first), last: bakes.length > 1 ? text(last) : '' };
}

/** The resources that took Puppet longest in the last bakes, each with its time in each of them. */
export function slowestPlot(bakes: readonly BakeOverview[]) {
  const seen = new Map<string, { line: ResourceLine; seconds: number[] }>();
  for (const one of bakes.flatMap(({ puppet }) => puppet?.slowest ?? [])) {
    const known = seen.get(one.resource);
    seen.set(one.resource, { line: one, seconds: [...(known?.seconds ?? []), one.seconds] });
  }
  if (seen.size === 0) return undefined;
  const resources = [...seen.values()]
    .map(({ line, seconds }) => ({ line, seconds, middle: median(seconds) }))
    .toSorted((a, b) => b.middle - a.middle)
    .slice(0, mostResources);
  const x = scaleLinear(
    [0, Math.max(0.1, ...resources.flatMap(({ seconds }) => seconds))],
    [20, width - 60],
  ).nice(5);
  const step = 34;
  return {
    width,
    height: step * resources.length + 22,
    axis: step * resources.length + 2,
    label: `The seconds that ${countText(resources.length, 'resource')} took. The table below has the figures.`,
    ticks: x.ticks(5).map((tick) => ({ x: place(x(tick)), text: secondsText(tick) })),
    bars: resources.map(({ line, seconds, middle }, index) => ({
      name: line.resource,
      text: step * index + 13,
      y: step * index + 18,
      x: 20,
      width: Math.max(1, place(x(middle) - 20)),
      each: seconds.map((one) => `M${place(x(one))} ${step * index + 15}v16`).join(''),
    })),
    rows: resources.map(({ line, seconds, middle }) => ({
      resource: line.resource,
      at: placeText(line),
      middle: secondsText(middle),
      most: secondsText(Math.max(...seconds)),
      bakes: seconds.length,
    })),
  };
}

/** `manifests/site.pp:12`; empty: Puppet did not say. */
export function placeText({ file, line }: ResourceLine): string {
  if (file === undefined) return '';
  return line === undefined ? file : `${file}:${line}`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
