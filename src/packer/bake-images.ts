import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Node } from '../nodes/node.ts';
import { type BakeEnd, bakeNode, type BakeWorld, type Run } from './bake-node.ts';
import { ReportsFolder } from './reports-folder.ts';

/** Packs that are not there; the message has a line for each. */
export class MissingPackError extends Error {
  readonly exitCode = 2;
}

/**
 * Bakes all nodes, at most `parallel` at a time; one that fails does not stop the others. Answers in the nodes' order.
 * @throws MissingPackError before anything is started.
 */
export async function bakeImages(
  nodes: Node[],
  run: Run,
  options: { reports: string; parallel: number },
  world: BakeWorld,
): Promise<BakeEnd[]> {
  const missing: string[] = [];
  for (const { name } of nodes) {
    const file = join(run.packs, `${name}.json`);
    if ((await stat(file).catch(() => undefined)) === undefined)
      missing.push(`${file} is missing: run generate first`);
  }
  if (missing.length > 0) throw new MissingPackError(missing.join('\n'));
  const queue = pLimit(options.parallel);
  return Promise.all(
    nodes.map((node) =>
      queue(() => bakeNode(node, run, new ReportsFolder(options.reports, node.name), world)),
    ),
  );
}
