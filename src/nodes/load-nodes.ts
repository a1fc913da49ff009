import { readFile } from 'node:fs/promises';
import { closest, distance } from 'fastest-levenshtein';
import type { Node } from './node.ts';
import { parseNodes, type Remark } from './parse-nodes.ts';

/** nodes.yaml, or the choice of nodes, is not right; the message has a line for each problem. */
class NodesError extends Error {
  readonly exitCode = 2;
}

/**
 * Reads nodes.yaml and picks the nodes named in `only` (none named: all).
 * @throws NodesError with every problem of the file as `file:line:column: …`.
 */
export async function loadNodes(
  file: string,
  only: readonly string[],
  say: (line: string) => void,
): Promise<Node[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : (error as Error).message;
    throw new NodesError(`${file}: ${why}: give your nodes' file with --nodes FILE`);
  });
  const { nodes, problems, warnings } = parseNodes(text);
  const place = (remark: Remark) => `${file}:${remark.line}:${remark.column}: ${remark.message}`;
  for (const warning of warnings) say(`warning: ${place(warning)}`);
  if (problems.length > 0) {
    throw new NodesError(
      problems
        .sort((a, b) => a.line - b.line || a.column - b.column)
        .map(place)
        .join('\n'),
    );
  }
  return selectNodes(nodes, only, file);
}

/**
 * The nodes named in `only`, in the file's order; all when none is named.
 * @throws NodesError that names every unknown one.
 */
export function selectNodes(nodes: Node[], only: readonly string[], file: string): Node[] {
  const known = nodes.map((node) => node.name);
  const unknown = [...new Set(only)].filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new NodesError(unknown.map((name) => unknownNode(name, known, file)).join('\n'));
  return only.length === 0 ? nodes : nodes.filter((node) => only.includes(node.name));
}

function unknownNode(name: string, known: string[], file: string): string {
  const near = closest(name, known);
  const hint = distance(near, name) > 2 ? `it has ${listed(known)}` : `did you mean ${near}?`;
  return `--node ${JSON.stringify(name)} is not in ${file}; ${hint}`;
}

function listed(names: string[]): string {
  return names.length <= 10
    ? names.join(', ')
    : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}
