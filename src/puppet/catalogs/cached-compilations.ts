import { canonicalJson, sha256 } from '../../lib/hash.ts';
import type { CompileRequest, DataReads } from './compilation.ts';
import type { Tree } from '../environment/tree.ts';

/** A compilation's summary, with the Hiera data that it saw. */
export interface CacheEntry<T> {
  /** {@link requestKey} of its request. */
  request: string;
  /** The ids of the data files that it asked for; null: there was no such file. */
  reads: [path: string, id: string | null][];
  summary: T;
}

/** Compilations of one state of an environment, its Hiera data left aside. */
export interface CachedCompilations<T> {
  /** Folders of Hiera data, sorted. */
  folders: string[];
  /** {@link restOf} of the tree. */
  rest: string;
  /** The newest first. */
  entries: CacheEntry<T>[];
}

/** Hash of a request (SHA-256, hexadecimal). The sequence of the facts does not count. */
export function requestKey(request: CompileRequest): string {
  return sha256(canonicalJson(request));
}

/**
 * The summary of a compilation that saw just the files of this tree; undefined when there is none. Whatever a
 * compilation may have seen and is not known to be the same counts as different.
 */
export function lookUp<T>(
  known: readonly CachedCompilations<T>[],
  tree: Tree,
  request: string,
): T | undefined {
  for (const { folders, rest, entries } of known) {
    if (restOf(tree, folders) !== rest) continue;
    const entry = byRequest(entries)
      .get(request)
      ?.find(({ reads }) => reads.every(([path, id]) => id === idIn(tree, path)));
    if (entry !== undefined) return entry.summary;
  }
  return undefined;
}

const requests = new WeakMap<object, Map<string, CacheEntry<unknown>[]>>();

/** The entries of each request; worked out once for a list, of which a plan asks for every node. */
function byRequest<T>(entries: readonly CacheEntry<T>[]): Map<string, CacheEntry<T>[]> {
  const before = requests.get(entries) as Map<string, CacheEntry<T>[]> | undefined;
  if (before !== undefined) return before;
  const made = new Map<string, CacheEntry<T>[]>();
  for (const entry of entries) made.set(entry.request, [...(made.get(entry.request) ?? []), entry]);
  requests.set(entries, made);
  return made;
}

/** A compilation as an entry; undefined when it asked for data that is not of the tree. */
export function entryOf<T>(
  tree: Tree,
  request: string,
  data: DataReads,
  summary: T,
): (Omit<CachedCompilations<T>, 'entries'> & { entry: CacheEntry<T> }) | undefined {
  const reads: [string, string | null][] = [];
  for (const path of [...new Set(data.paths)].sort()) {
    const id = idIn(tree, path);
    if (id === undefined) return undefined;
    reads.push([path, id]);
  }
  const folders = [...new Set(data.folders)].sort();
  return { folders, rest: restOf(tree, folders), entry: { request, reads, summary } };
}

/** The id of a file; null: there is none; undefined: the tree cannot know. */
function idIn(tree: Tree, path: string): string | null | undefined {
  const file = tree.get(path);
  if (file !== undefined) return file.id;
  if (!isPlain(path)) return undefined;
  const parts = path.split('/');
  // Below a link that was not followed there may be anything.
  const below = parts.some((_, count) => count > 0 && tree.has(parts.slice(0, count).join('/')));
  return below ? undefined : null;
}

/** Whether a path leads to a place that a tree knows of: in the folder, by its shortest name, not version control's. */
function isPlain(path: string): boolean {
  const parts = path.split('/');
  return parts.every((part) => part !== '' && !['.', '..', '.git', '.svn', '.hg'].includes(part));
}

const rests = new WeakMap<Tree, Map<string, string>>();

/**
 * Hash of all files of a tree but the Hiera data in these folders (SHA-256, hexadecimal). Data is what looks like data:
 * a datadir may be the environment itself, whose manifests always count.
 */
export function restOf(tree: Tree, folders: readonly string[]): string {
  const known = rests.get(tree) ?? new Map<string, string>();
  rests.set(tree, known);
  const name = JSON.stringify(folders);
  const before = known.get(name);
  if (before !== undefined) return before;
  const lines = [...tree]
    .filter(([path]) => !isData(path, folders))
    .map(([path, { id, executable }]) => `${JSON.stringify([path, id, executable])}\n`);
  const rest = sha256(name, lines.join(''));
  known.set(name, rest);
  return rest;
}

const codeFolder = /(?:^|\/)(?:manifests|templates|files|lib|functions|types|facts\.d|plans|tasks|locales)\//;
const settingsFile = /(?:^|\/)(?:hiera\.yaml|metadata\.json)$/;

function isData(path: string, folders: readonly string[]): boolean {
  return (
    /\.(?:ya?ml|eyaml|json)$/.test(path) &&
    !settingsFile.test(path) &&
    !codeFolder.test(path) &&
    folders.some((folder) => folder.endsWith('/') && path.startsWith(folder))
  );
}

/** The entries that are worth keeping: of each request the newest few states of its data, and not too many in all. */
export function newestEntries<T>(
  entries: readonly CacheEntry<T>[],
  ofRequest: number,
  inAll: number,
): CacheEntry<T>[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const kept = entries.filter(({ request, reads }) => {
    const state = JSON.stringify([request, reads]);
    const count = counts.get(request) ?? 0;
    if (seen.has(state) || count >= ofRequest) return false;
    seen.add(state);
    counts.set(request, count + 1);
    return true;
  });
  return kept.slice(0, inAll);
}
