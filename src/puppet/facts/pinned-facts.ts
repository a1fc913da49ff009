import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { YAMLException } from 'js-yaml';
import { errnoOf, exitCode, StageError } from '../../lib/errors.ts';
import { parseRubyYaml } from '../report/ruby-yaml.ts';
import type { Facts } from './facts.ts';

/** Pinned facts that cannot be used; a line for each problem. */
export class PinnedFactsError extends StageError {}

/**
 * The facts that `<folder>/<node>.yaml` pins, by node; a node without such a file is not in the answer. The files are
 * what a bake brings back, or what `facter --yaml`, `puppet facts` and Puppet's own facts files hold.
 * @throws PinnedFactsError that names what is wrong with any of the files.
 */
export async function pinnedFacts(folder: string, nodes: readonly string[]): Promise<Map<string, Facts>> {
  const found = new Map<string, Facts>();
  const problems: string[] = [];
  await Promise.all(
    [...new Set(nodes)].map(async (node) => {
      const file = join(folder, `${node}.yaml`);
      try {
        const text = await textOf(file);
        if (text !== undefined) found.set(node, parseFacts(text, file));
      } catch (error) {
        if (!(error instanceof PinnedFactsError)) throw error;
        problems.push(error.message);
      }
    }),
  );
  if (problems.length > 0) throw new PinnedFactsError(problems.sort().join('\n'), exitCode.badInput);
  return found;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return undefined;
    const why =
      code === 'EISDIR' ? 'it is a folder' : code === 'ENOTDIR' ? 'its folder is none' : (code ?? '');
    throw new PinnedFactsError(
      `${file}: it cannot be read (${why}): it must be a file of facts`,
      exitCode.badInput,
    );
  }
}

/**
 * The facts in a file's text.
 * @param file how messages name it
 * @throws PinnedFactsError
 */
export function parseFacts(text: string, file: string): Facts {
  let data: unknown;
  try {
    data = parseRubyYaml(text);
  } catch (error) {
    throw new PinnedFactsError(notYaml(error, file), exitCode.badInput);
  }
  const whole = withPlainKeys(data);
  const facts = isMapping(whole) && isWrapped(whole) ? whole.values : whole;
  if (!isMapping(facts)) {
    const what =
      facts === undefined || facts === null ? 'empty' : Array.isArray(facts) ? 'a list' : 'a single value';
    throw new PinnedFactsError(
      `${file}: it is ${what}; it must be a mapping of facts (os: {…}): bake again and pin those facts`,
      exitCode.badInput,
    );
  }
  return facts;
}

function notYaml(error: unknown, file: string): string {
  // Its mark is missing where it reads several documents.
  const mark = error instanceof YAMLException ? (error.mark as YAMLException['mark'] | undefined) : undefined;
  if (!(error instanceof YAMLException)) return `${file}: not usable: ${(error as Error).message}`;
  const place = mark === undefined ? file : `${file}:${mark.line + 1}:${mark.column + 1}`;
  return `${place}: not YAML: ${error.reason}`;
}

/** What `puppet facts find` prints and what Puppet keeps in its own files has the facts under `values`. */
function isWrapped(data: Facts): boolean {
  const known = new Set(['name', 'values', 'timestamp', 'expiration']);
  return (
    isMapping(data.values) &&
    typeof data.name === 'string' &&
    Object.keys(data).every((key) => known.has(key))
  );
}

function isMapping(data: unknown): data is Facts {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

/** Ruby's symbols are words as keys, too (`:values`); `_timestamp` is Puppet's own mark and no fact. */
function withPlainKeys(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withPlainKeys);
  if (!isMapping(data)) return data;
  const entries = Object.entries(data)
    .map(([key, value]) => [key.replace(/^:(?=[A-Za-z_])/, ''), withPlainKeys(value)] as const)
    .filter(([key]) => key !== '_timestamp');
  return Object.fromEntries(entries);
}
