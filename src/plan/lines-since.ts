import { z } from 'zod';
import type { CompileRequest } from '../puppet/catalogs/compilation.ts';
import type { CompileCache } from '../puppet/catalogs/compile-cache.ts';
import { differenceLines } from '../puppet/catalogs/difference-text.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import {
  type ChangeSince,
  changesOfOlder,
  type CompareDeps,
  type Judged,
  withOlder,
} from './changes-since.ts';
import type { NodeChange } from './compare-revisions.ts';
import type { NodeInputs } from './digest.ts';

/** A node as a commit had it and as it is now: what differs between them follows from this alone. */
export interface NodePair {
  node: string;
  commit: string;
  before: NodeInputs;
  after: NodeInputs;
}

/** The lines that say what differs between pairs, by node: to make them again, both catalogs would be compiled. */
export interface RememberedLines {
  find: (pairs: readonly NodePair[]) => Promise<Map<string, string[]>>;
  store: (pairs: readonly NodePair[], lines: ReadonlyMap<string, string[]>) => Promise<void>;
}

/** Remembers lines in the cache of compilations, as of an environment without a file: the inputs' hashes say it all. */
export function rememberedLines(
  open: (summary: z.ZodType<string[]>) => CompileCache<string[]>,
): RememberedLines {
  const cache = open(z.array(z.string()));
  const tree = new Map();
  return {
    find: (pairs) => cache.find(tree, pairs.map(requestOf)),
    store: async (pairs, lines) => {
      const made = pairs.flatMap((pair) => {
        const summary = lines.get(pair.node);
        return summary === undefined
          ? []
          : [{ request: requestOf(pair), data: { folders: [], paths: [] }, summary }];
      });
      await cache.store(tree, made);
    },
  };
}

function requestOf({ node, commit, before, after }: NodePair): CompileRequest {
  return { node, certname: commit, environment: '', authenticated: 'local', facts: { before, after } };
}

/** What explaining a difference needs. */
export interface ExplainDeps extends CompareDeps {
  lines: RememberedLines;
  redact: Redact;
}

/** Says in at most ten lines for each node how it differs from what it was at a commit. Remembered lines compile nothing. */
export async function linesSince(
  commit: string,
  names: ReadonlySet<string>,
  now: Judged,
  deps: ExplainDeps,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const textOf = (change: ChangeSince) => changeLines(change, commit, deps.redact);
  const changes = await withOlder(commit, names, now.revision, deps, async (before) => {
    const pairs = pairsOf(commit, before, now);
    for (const [node, lines] of await deps.lines.find(pairs)) found.set(node, lines);
    const nodes = before.judged.nodes.filter(({ node }) => !found.has(node.name));
    const lacking = { ...before, judged: { ...before.judged, nodes } };
    const made = await changesOfOlder(lacking, now, deps.compile);
    await deps.lines.store(pairs, new Map(made.map((change) => [change.node, textOf(change)])));
    return made;
  });
  for (const change of changes) found.set(change.node, textOf(change));
  return found;
}

function pairsOf(commit: string, before: Judged, now: Judged): NodePair[] {
  const is = new Map(now.judged.nodes.map(({ node, inputs }) => [node.name, inputs]));
  return before.judged.nodes.flatMap(({ node: { name: node }, inputs }): NodePair[] => {
    const after = is.get(node);
    return inputs === undefined || after === undefined ? [] : [{ node, commit, before: inputs, after }];
  });
}

function changeLines(change: ChangeSince, commit: string, redact: Redact): string[] {
  if ('notCompared' in change) return [`not compared with ${commitText(commit)}: ${change.notCompared}`];
  const lines = detailLines(change, redact);
  return lines.length === 0 ? [`no difference from ${commitText(commit)} can be shown`] : lines;
}

/** What differs of a node, in at most so many lines; the rest is counted. */
export function detailLines({ catalog = [], files }: NodeChange, redact: Redact, max = 10): string[] {
  const lines = [...differenceLines(catalog, redact, max), ...files.map((name) => `${name} differs`)];
  return lines.length <= max ? lines : [...lines.slice(0, max - 1), `and ${lines.length - max + 1} more`];
}

function commitText(commit: string): string {
  return /^[0-9a-f]{40,}$/.test(commit) ? `commit ${commit.slice(0, 12)}` : `commit '${commit}'`;
}
