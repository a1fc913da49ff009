import { z } from 'zod';
import type { CompileOrder } from '../puppet/catalogs/compilation.ts';
import type { CompileCache } from '../puppet/environment/compile-cache.ts';
import type { NodeInputs } from './inputs.ts';

/** A node as a commit had it and as it is now: what differs between them follows from this alone. */
export interface Pair {
  node: string;
  commit: string;
  before: NodeInputs;
  after: NodeInputs;
}

/** The lines that say what differs between pairs, by node: to make them again, both catalogs would be compiled. */
export interface RememberedLines {
  find: (pairs: readonly Pair[]) => Promise<Map<string, string[]>>;
  store: (pairs: readonly Pair[], lines: ReadonlyMap<string, string[]>) => Promise<void>;
}

/** Remembers lines in the cache of compilations, as of an environment without a file: the inputs' hashes say it all. */
export function rememberedLines(
  open: (summary: z.ZodType<string[]>) => CompileCache<string[]>,
): RememberedLines {
  const cache = open(z.array(z.string()));
  const tree = new Map();
  return {
    find: (pairs) => cache.find(tree, pairs.map(orderOf)),
    store: async (pairs, lines) => {
      const made = pairs.flatMap((pair) => {
        const summary = lines.get(pair.node);
        return summary === undefined
          ? []
          : [{ order: orderOf(pair), data: { folders: [], paths: [] }, summary }];
      });
      await cache.store(tree, made);
    },
  };
}

function orderOf({ node, commit, before, after }: Pair): CompileOrder {
  return { node, certname: commit, environment: '', authenticated: 'local', facts: { before, after } };
}
