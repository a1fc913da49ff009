import type { ImageOverview, NodeOverview, Overview } from '../../src/overview/overview.ts';
import { nowMs } from '../aws/fixtures.ts';
import { own } from './account.ts';

export const dayMs = 24 * 3_600_000;

/** A verified image that nothing uses, baked a day ago. */
export function imageOverview(id: string, over: Partial<ImageOverview> = {}): ImageOverview {
  return {
    ...{ id, name: `redis-${id}`, bakedMs: nowMs - dayMs, state: 'verified', copies: [], currentIn: [] },
    ...{ users: [], usersUnknownIn: [], gib: 8, ...over },
  };
}

/** A node without images; its parameter is not there. */
export function nodeOverview(over: Partial<NodeOverview> = {}): NodeOverview {
  return { node: 'redis', images: [], current: [{ region: own, parameter: '/images/redis' }], ...over };
}

/** An overview of nodes, in which all could be read. */
export function overviewOf(nodes: NodeOverview[], over: Partial<Overview> = {}): Overview {
  return {
    ...{
      madeMs: nowMs,
      account: '123456789012',
      regions: [own],
      nodes,
      leftovers: [],
      problems: [],
      ...over,
    },
  };
}
