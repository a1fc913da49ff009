import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { exitCode, StageError } from '../lib/errors.ts';
import { factsReader, type ReadFactsText } from './facts-file.ts';
import type { Node } from './node.ts';
import { parseNodes } from './parse-nodes.ts';
import type { Remark } from './yaml-text.ts';

/**
 * Reads nodes.yaml with its files of facts, and picks the nodes named in `only` (none named: all).
 * @throws StageError (exit 2) with every problem of the files as `file:line:column: …`.
 */
export async function loadNodes(
  file: string,
  only: readonly string[],
  say: (line: string) => void,
  readFacts: ReadFactsText = factsReader(file),
): Promise<Node[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : (error as Error).message;
    throw new StageError(`${file}: ${why}: give your nodes' file with --nodes FILE`, exitCode.badInput);
  });
  const { nodes, problems, warnings } = parseNodes(text, file, readFacts);
  const fileOf = (remark: Remark) => (remark.file === undefined ? file : join(dirname(file), remark.file));
  const place = (remark: Remark) => `${fileOf(remark)}:${remark.line}:${remark.column}: ${remark.message}`;
  for (const warning of warnings) say(`warning: ${place(warning)}`);
  if (problems.length > 0) {
    const name = ({ file: of = '' }: Remark) => of;
    problems.sort((a, b) => name(a).localeCompare(name(b)) || a.line - b.line || a.column - b.column);
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
