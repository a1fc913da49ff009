import { diffLines, diffSummary } from '../contents/diff-lines.ts';
import type { ImageContents } from '../contents/image-contents.ts';
import type { BakeOverview, CurrentImage, LastPlan, NodeOverview } from '../overview/overview.ts';
import { ageText } from '../lib/printable.ts';
import { bakesOf, phasesPlot, placeText, slowestPlot } from './bake-plots.ts';
import { concernsOf } from './concerns.ts';
import { ageView, costOf, imageRows, stateView, usersView } from './image-rows.ts';
import { countText, isoText, secondsText, timeText } from './show.ts';
import { timelineOf } from './timeline.ts';

/** What the template of a node's page shows. */
export function nodeView(known: NodeOverview, nowMs: number) {
  const { node, images, current, maxAgeMs, plan, lastBake, contents, difference } = known;
  const bakes = bakesOf(known);
  const rows = imageRows(known, nowMs);
  return {
    node,
    concerns: concernsOf(known, nowMs).map((one) => ({ ...one, isBad: one.level === 'bad' })),
    maxAge: maxAgeMs === undefined ? undefined : ageText(maxAgeMs),
    current: current.map((one) => currentView(one, known, nowMs)),
    hasCurrent: current.length > 0,
    plan: plan && planView(plan),
    timeline: timelineOf(known, nowMs),
    images: rows,
    hasImages: rows.length > 0,
    count: countText(rows.length, 'image'),
    cost: costOf(images).text,
    lastBake:
      lastBake &&
      bakeView(
        lastBake,
        images.map(({ id }) => id),
      ),
    puppet: puppetView(known),
    phases: phasesPlot(bakes),
    slowest: slowestPlot(bakes),
    difference: difference && {
      ...{ from: difference.from, to: difference.to, summary: diffSummary(difference) || 'no difference' },
      ...{ lines: diffLines(difference), hasLines: diffLines(difference).length > 0 },
    },
    contents: contents && contentsView(contents),
  };
}

/** What is in service in a region. */
export function currentView(
  { region, parameter, image, original, unknown }: CurrentImage,
  { images, maxAgeMs }: NodeOverview,
  nowMs: number,
) {
  const where = { region, parameter };
  if (unknown !== undefined) return { ...where, unknown };
  if (image === undefined) return { ...where, isNone: true };
  const found = images.find(({ id }) => id === original);
  if (found === undefined) return { ...where, image, isForeign: true };
  return {
    ...{ ...where, image, link: found.id, isNewest: found.id === images[0]?.id },
    ...(image !== found.id && { copyOf: found.id }),
    ...{ ...stateView(found), ...ageView(found.bakedMs, maxAgeMs, nowMs), ...usersView(found) },
  };
}

function planView({ action, reasons, madeMs, commit, bakedSince }: LastPlan) {
  return {
    ...{ action, commit: commit.slice(0, 20), made: timeText(madeMs), iso: isoText(madeMs), bakedSince },
    isFailed: action === 'failed',
    // The catalog's differences are further lines of a reason.
    reasons: reasons.map((reason) => {
      const [text = '', ...lines] = reason.split('\n');
      return {
        text,
        ...(lines.length > 0 && { differences: { lines, count: countText(lines.length, 'line') } }),
      };
    }),
  };
}

function bakeView(bake: BakeOverview, ids: readonly string[]) {
  const { status, image, startedMs, seconds, error } = bake;
  return {
    ...{ status, error, isBaked: status === 'baked', isBad: status !== 'baked' && status !== 'running' },
    ...{ started: timeText(startedMs), iso: isoText(startedMs) },
    image: image === undefined ? undefined : { id: image, isListed: ids.includes(image) },
    took: seconds === undefined ? undefined : secondsText(seconds),
  };
}

/** What Puppet did in the newest bake of which it is known. */
function puppetView(known: NodeOverview) {
  const bake = bakesOf(known).findLast(({ puppet }) => puppet !== undefined);
  if (bake?.puppet === undefined) return undefined;
  const { changed, unchanged, failed, skipped, changes } = bake.puppet;
  const left = changed - changes.length;
  return {
    ...{ changed, unchanged, failed, skipped, when: timeText(bake.startedMs), image: bake.image },
    changes: changes.map((line) => ({
      ...{ resource: line.resource, at: placeText(line) },
      messages: line.messages.map((message) => ({ message })),
    })),
    hasChanges: changes.length > 0,
    count: countText(changes.length, 'changed resource'),
    ...(left > 0 && { left: countText(left, 'more changed resource') }),
  };
}

function contentsView(contents: ImageContents) {
  const { image, distribution, kernel, architecture, listedAt, unknown } = contents;
  const { packages, services, ports, users, setuid } = contents;
  const part = (
    key: (typeof unknown)[number],
    name: string,
    entries: readonly string[],
    count = entries.length,
  ) => ({
    name,
    count: unknown.includes(key) ? 'not listed' : String(count),
    text: entries.join('\n'),
    hasEntries: entries.length > 0,
  });
  return {
    ...{ image, distribution: distribution.name, kernel, architecture, listedAt },
    parts: [
      part(...(['packages', 'Packages'] as const), packageLines(contents), packages.length),
      part(
        ...(['services', 'Services'] as const),
        services.map(({ name, enabled, running }) => `${name} ${enabled}${running ? ', running' : ''}`),
      ),
      part(
        ...(['ports', 'Listening ports'] as const),
        ports.map(({ protocol, address, port, program }) => {
          return `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol} ${program ?? ''}`;
        }),
      ),
      part(
        ...(['users', 'Users'] as const),
        users.map(({ name, uid, gid, home, shell }) => `${name} ${uid}:${gid} ${home} ${shell}`),
      ),
      part(
        ...(['setuid', 'Setuid files'] as const),
        setuid.map(({ path, mode, owner, group }) => `${path} ${mode} ${owner}:${group}`),
      ),
    ],
  };
}

/** Packages of one source have one version: they are named together, in the order of the first. */
function packageLines({ packages, architecture }: ImageContents): string[] {
  const groups = new Map<string, string[]>();
  for (const { name, version, architecture: own } of packages) {
    const text = own === architecture || own === 'all' ? name : `${name}:${own}`;
    const group = groups.get(version);
    if (group === undefined) groups.set(version, [text]);
    else group.push(text);
  }
  return [...groups].map(([version, names]) => `${names.join(', ')} ${version}`);
}
