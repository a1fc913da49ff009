import type { CatalogDifference } from './compare-catalogs.ts';

/** Differences that several nodes have, and only they. */
export interface NodeDifferences {
  /** In the order that they were given in. */
  nodes: string[];
  differences: CatalogDifference[];
}

/** Shows each difference once, with all nodes that have it; first what most of them have. */
export function groupDifferences(
  perNode: readonly { node: string; differences: readonly CatalogDifference[] }[],
): NodeDifferences[] {
  const owners = new Map<string, { difference: CatalogDifference; nodes: string[] }>();
  for (const { node, differences } of perNode) {
    for (const difference of differences) {
      const text = JSON.stringify(difference);
      const owner = owners.get(text) ?? { difference, nodes: [] };
      // A node has a difference once, however often it was given.
      if (owner.nodes.at(-1) !== node) owner.nodes.push(node);
      owners.set(text, owner);
    }
  }
  const groups = new Map<string, NodeDifferences>();
  for (const { difference, nodes } of owners.values()) {
    const key = JSON.stringify(nodes);
    const group = groups.get(key) ?? { nodes, differences: [] };
    group.differences.push(difference);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.nodes.length - a.nodes.length);
}
