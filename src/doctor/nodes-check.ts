import type { Node } from '../nodes/node.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** Reads nodes.yaml; throws an error with the exit code 2 and a line for each problem. */
export type LoadNodes = (
  file: string,
  only: readonly string[],
  say: (line: string) => void,
) => Promise<Node[]>;

/** Judges the nodes' file; without one that can be used there are no nodes. */
export async function checkNodes(
  file: string,
  loadNodes: LoadNodes,
): Promise<{ finding: Finding; nodes: Node[] }> {
  const check = 'nodes';
  const said: string[] = [];
  try {
    const nodes = await loadNodes(file, [], (line) => said.push(line));
    const found = `${nodes.length} in ${file}`;
    if (said.length === 0) return { finding: ok(check, found), nodes };
    return { finding: warning(check, [found, ...said].join('\n'), 'correct what it warns of'), nodes };
  } catch (error) {
    if ((error as { exitCode?: unknown }).exitCode !== 2) throw error;
    const advice = 'correct it, or name another with --nodes FILE';
    return { finding: wrong(check, (error as Error).message, advice), nodes: [] };
  }
}
