import type { Node } from './node.ts';

/** Something that only one node can move. */
export interface SharedPointer {
  node: string;
  /** As nodes.yaml calls it. */
  key: 'parameter' | 'launch_template';
  message: string;
}

const locks = '/bakehouse/locks/';

/**
 * The parameters and launch templates that two nodes name: each promote would put its own image there, and take the
 * other's out of service. Both are in the account's own region, whatever regions the nodes have besides.
 */
export function sharedPointers(nodes: readonly Pick<Node, 'name' | 'promote'>[]): SharedPointer[] {
  const first = new Map<string, string>();
  return nodes.flatMap(({ name: node, promote }) => {
    const named = [
      { key: 'parameter', value: promote.parameter } as const,
      ...(promote.launchTemplate === undefined
        ? []
        : [{ key: 'launch_template', value: promote.launchTemplate } as const]),
    ];
    return named.flatMap(({ key, value }): SharedPointer[] => {
      // promote keeps its own parameters there.
      if (key === 'parameter' && value.startsWith(locks))
        return [{ node, key, message: `is below ${locks}, where promote has its locks: name another` }];
      const other = first.get(`${key} ${value}`);
      first.set(`${key} ${value}`, other ?? node);
      if (other === undefined) return [];
      return [{ node, key, message: `is ${value}, as of the node "${other}": each node needs its own` }];
    });
  });
}
