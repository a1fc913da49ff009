import type { NodeOverview, Overview } from '../overview/overview.ts';
import { ageText } from '../lib/printable.ts';
import { concernsOf } from './concerns.ts';
import { ageView, costOf, stateView, usersText } from './image-rows.ts';
import { currentView } from './node-view.ts';
import { costText, countText } from './show.ts';

/** What the template of the index shows; `fileOf` names a node's page. */
export function indexView(overview: Overview, fileOf: (node: string) => string) {
  const { nodes, leftovers, problems, madeMs } = overview;
  const all = nodes.map((known) => ({ known, concerns: concernsOf(known, madeMs) }));
  const worried = all.filter(({ concerns }) => concerns.length > 0);
  const costs = nodes.map(({ images }) => costOf(images));
  const images = nodes.reduce((sum, one) => sum + one.images.length, 0);
  const total = costText(costs.reduce((sum, { gib }) => sum + gib, 0));
  return {
    tiles: [
      { value: String(nodes.length), name: nodes.length === 1 ? 'node' : 'nodes' },
      {
        value: String(worried.length),
        name: worried.length === 1 ? 'needs attention' : 'need attention',
        isBad: worried.some(({ concerns }) => concerns.some(({ level }) => level === 'bad')),
      },
      { value: String(images), name: images === 1 ? 'image' : 'images' },
      {
        value: costs.some(({ isPart }) => isPart) ? `${total} or more` : total,
        name: 'a month of snapshots',
      },
      {
        value: leftovers === undefined ? 'not known' : String(leftovers.length),
        name: 'leftovers of ended runs',
      },
    ],
    worried: worried.map(({ known: { node }, concerns }) => ({
      ...{ node, file: fileOf(node) },
      concerns: concerns.map((one) => ({ ...one, isBad: one.level === 'bad' })),
    })),
    hasWorries: worried.length > 0,
    nodes: all.map(({ known, concerns }) => rowOf(known, concerns.length, madeMs, fileOf)),
    hasNodes: nodes.length > 0,
    problems,
    hasProblems: problems.length > 0,
    leftovers: {
      isUnknown: leftovers === undefined,
      lines: leftovers ?? [],
      hasLines: (leftovers ?? []).length > 0,
    },
  };
}

function rowOf(known: NodeOverview, concerns: number, nowMs: number, fileOf: (node: string) => string) {
  const { node, images, plan, current, maxAgeMs } = known;
  const [newest] = images;
  return {
    ...{ node, file: fileOf(node) },
    concerns: concerns === 0 ? undefined : countText(concerns, 'concern'),
    newest: newest && {
      id: newest.id,
      ...stateView(newest),
      ...ageView(newest.bakedMs, maxAgeMs, nowMs),
    },
    current: groupsOf(current.map((one) => currentView(one, known, nowMs))),
    hasCurrent: current.length > 0,
    users: usersText(images),
    plan: plan && {
      ...{ action: plan.action, ago: ageText(nowMs - plan.madeMs), bakedSince: plan.bakedSince },
      isFailed: plan.action === 'failed',
    },
    cost: costOf(images).text,
  };
}

type CurrentView = ReturnType<typeof currentView>;

/** Regions that have the same in service are named together. */
function groupsOf(current: readonly CurrentView[]) {
  const groups = new Map<string, { first: CurrentView; regions: string[] }>();
  for (const one of current) {
    const key = 'link' in one ? `link ${one.link}` : JSON.stringify({ ...one, region: '', parameter: '' });
    const group = groups.get(key) ?? { first: one, regions: [] };
    group.regions.push(one.region);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, regions }) => ({ ...first, regions: regions.join(', ') }));
}
