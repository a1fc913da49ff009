import pLimit from 'p-limit';
import type { Node } from '../nodes/node.ts';
import { type BakeEnd, bakeNode, type BakeWorld, type Run } from './bake-node.ts';
import { ReportsFolder } from './reports-folder.ts';

/** Bakes all nodes, at most `parallel` at a time; one that fails does not stop the others. In the nodes' order. */
export async function bakeImages(
  nodes: Node[],
  run: Run,
  options: { reports: string; parallel: number },
  world: BakeWorld,
): Promise<BakeEnd[]> {
  const queue = pLimit(options.parallel);
  return Promise.all(
    nodes.map((node) =>
      queue(() => bakeNode(node, run, new ReportsFolder(options.reports, node.name), world)),
    ),
  );
}
