import { z } from 'zod';
import { sha256 } from '../../lib/hash.ts';
import type { CompileRequest, DataReads } from './compilation.ts';
import { CacheFiles } from '../environment/cache-folder.ts';
import {
  type CachedCompilations,
  entryOf,
  lookUp,
  newestEntries,
  requestKey,
  restOf,
} from './cached-compilations.ts';
import type { Tree } from '../environment/tree.ts';

/** A compilation to be remembered. */
export interface MadeCompilation<T> {
  request: CompileRequest;
  data: DataReads;
  summary: T;
}

/** Summaries of compilations, by the content of all that they saw; it may forget, but never answers wrongly. */
export interface CompileCache<T> {
  /** The remembered summaries, by the request's node. */
  find: (tree: Tree, requests: readonly CompileRequest[]) => Promise<Map<string, T>>;
  store: (tree: Tree, made: readonly MadeCompilation<T>[]) => Promise<void>;
}

/** How many states of Hiera data are kept of a node, and how many places of Hiera data of all environments. */
const mostOfRequest = 4;
const mostEntries = 20_000;
const mostFolders = 10;

const foldersShape = z.array(z.array(z.string()));

/**
 * Opens the cache in a folder, which need not exist, and may vanish, be full or read-only at any time.
 * @param options.key all that decides a summary besides the tree and the request: Puppet's version, our own code's, the
 *   trees of module folders outside of the environment, the key for Sensitive values
 * @param options.summary the shape of a summary; what does not fit is forgotten
 */
export function openCompileCache<T>(options: {
  folder: string;
  key: string;
  summary: z.ZodType<T>;
  warn: (line: string) => void;
  /** ms */
  now: () => number;
}): CompileCache<T> {
  const { key, now } = options;
  const files = new CacheFiles(options.folder, options.warn);
  const shape = z.object({
    schema: z.literal(1),
    folders: z.array(z.string()),
    rest: z.string(),
    entries: z.array(
      z.object({
        request: z.string(),
        reads: z.array(z.tuple([z.string(), z.string().nullable()])),
        summary: options.summary,
      }),
    ),
  });
  const foldersFile = `folders-${hashOf([key])}.json`;
  const fileOf = (folders: readonly string[], rest: string) =>
    `compiled-${hashOf([key, folders, rest])}.json`;

  const knownFolders = async () => foldersShape.safeParse(await files.read(foldersFile, now())).data ?? [];

  const known = async (tree: Tree, folders: string[]): Promise<CachedCompilations<T> | undefined> => {
    const parsed = shape.safeParse(await files.read(fileOf(folders, restOf(tree, folders)), now()));
    return parsed.data;
  };

  return {
    find: async (tree, requests) => {
      const states = await Promise.all((await knownFolders()).map((folders) => known(tree, folders)));
      const usable = states.filter((state) => state !== undefined);
      const found = new Map<string, T>();
      for (const request of requests) {
        const summary = lookUp(usable, tree, requestKey(request));
        if (summary !== undefined) found.set(request.node, summary);
      }
      return found;
    },
    store: async (tree, made) => {
      const groups = new Map<string, CachedCompilations<T>>();
      for (const { request, data, summary } of made) {
        const entry = entryOf(tree, requestKey(request), data, summary);
        if (entry === undefined) continue;
        const { folders, rest } = entry;
        const group = groups.get(JSON.stringify(folders)) ?? { folders, rest, entries: [] };
        groups.set(JSON.stringify(folders), group);
        group.entries.push(entry.entry);
      }
      if (groups.size === 0) return;
      for (const { folders, rest, entries } of groups.values()) {
        // Read again: another plan may have written meanwhile. What is lost in between costs a compilation.
        const before = (await known(tree, folders))?.entries ?? [];
        const file = fileOf(folders, rest);
        await files.write(file, {
          schema: 1,
          folders,
          rest,
          entries: newestEntries([...entries, ...before], mostOfRequest, mostEntries),
        });
      }
      const before = await knownFolders();
      const latest = [...groups.values()].map(({ folders }) => folders);
      const all = new Map([...latest, ...before].map((folders) => [JSON.stringify(folders), folders]));
      const list = [...all.values()].slice(0, mostFolders);
      if (JSON.stringify(list) !== JSON.stringify(before)) await files.write(foldersFile, list);
      await files.prune(now());
    },
  };
}

function hashOf(value: unknown): string {
  return sha256(JSON.stringify(value));
}
