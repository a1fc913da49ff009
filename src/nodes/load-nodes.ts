import { readFile } from 'node:fs/promises';
import { closest, distance } from 'fastest-levenshtein';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from './node.ts';
import { parseNodes, type Remark } from './parse-nodes.ts';

/**
 * Reads nodes.yaml and picks the nodes named in `only` (none named: all).
 * @throws StageError (exit 2) with every problem of the file as `file:line:column: …`.
 */
export async function loadNodes(
  file: string,
  only: readonly string[],
  say: (line: string) => void,
): Promise<Node[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : (error as Error).message;
    throw new StageError(`${file}: ${why}: give your nodes' file with --nodes FILE`, exitCode.badInput);
  });
  const { nodes, problems, warnings } = parseNodes(text, file);
  const place = (remark: Remark) => `${file}:${remark.line}:${remark.column}: ${remark.message}`;
  for (const warning of warnings) say(`warning: ${place(warning)}`);
  if (problems.length > 0) {
    problems.sort((a, b) => a.line - b.line || a.column - b.column);
    throw new StageError(problems.map(place).join('\n'), exitCode.badInput);
  }
  return selectNodes(nodes, only, file);
}

/**
 * The nodes named in `only`, in the file's order; all when none is named.
 * @throws StageError (exit 2) that names every unknown one.
 */
export function selectNodes(nodes: Node[], only: readonly string[], file: string): Node[] {
  const known = nodes.map((node) => node.name);
  const unknown = [...new Set(only)].filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new StageError(unknown.map((name) => unknownNode(name, known, file)).join('\n'), exitCode.badInput);
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
