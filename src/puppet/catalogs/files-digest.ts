import { sha256 } from '../../lib/hash.ts';
import type { Tree } from '../environment/tree.ts';
import { type FileReference, type NamedFiles, referenceText } from './file-references.ts';

/** Where files are looked up. */
export interface FileLookUp {
  /** The environment's folder. */
  environment: Tree;
  /**
   * The folders of the modulepath in their order: each as a folder of a tree, `modules/` or, for the whole tree, an
   * empty text. A folder outside the environment has a tree of its own.
   */
  modulepath: readonly { tree: Tree; prefix: string }[];
}

/** A named file that is not there: Puppet would fail, or leave it out. */
export interface MissingFile extends Omit<NamedFiles, 'anyOf'> {
  /** `puppet:///modules/web/index.html`, all that would do. */
  addresses: string[];
}

export interface FilesDigest {
  /** SHA-256, hexadecimal. */
  digest: string;
  /** Each file with the id of its bytes, `+x` behind it if it is executable, or `missing`; sorted. */
  files: readonly (readonly [address: string, id: string])[];
  missing: MissingFile[];
}

/**
 * The digest of the files that a catalog names. Of a folder all files below it count, also where the resource recurses
 * less deep or ignores some; of several sources all; a missing one as missing, so that its coming is a change. Which
 * folder of the modulepath a module lies in is no part of it. A folder without any file is not seen.
 */
export function filesDigest(named: readonly NamedFiles[], lookUp: FileLookUp): FilesDigest {
  const files = new Map<string, string>();
  const missing: MissingFile[] = [];
  for (const { anyOf, ...of } of named) {
    let some = anyOf.some(isGuess);
    for (const reference of anyOf) {
      const ids = filesOf(reference, lookUp);
      for (const [address, id] of ids) files.set(address, id);
      if (ids.length > 0) some = true;
      else if (!files.has(referenceText(reference))) files.set(referenceText(reference), 'missing');
    }
    if (!some) missing.push({ ...of, addresses: anyOf.map(referenceText) });
  }
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    digest: sha256(JSON.stringify(sorted)),
    files: sorted,
    missing,
  };
}

type Ids = (readonly [address: string, id: string])[];

function filesOf(reference: FileReference, { environment, modulepath }: FileLookUp): Ids {
  if (reference.in === 'environment') {
    if ('path' in reference) return named('', environment, reference.path);
    return below('', environment, reference.pathBegins);
  }
  const { module, path } = reference;
  // What Puppet does not take for the name of a module (module.rb) is none, even where there is such a folder.
  if (!/^[a-z][a-z0-9_]*$/.test(module)) return [];
  const home = modulepath.find(({ tree, prefix }) => someBegin(tree, `${prefix}${module}/`));
  if (home === undefined) return [];
  const folder = `${home.prefix}${module}/files`;
  return named(`puppet:///modules/${module}`, home.tree, path === '' ? folder : `${folder}/${path}`, folder);
}

/** The file, or all files of the folder; its address is what remains of its path behind `start`. */
function named(address: string, tree: Tree, path: string, start = ''): Ids {
  if (tree.has(path)) return below(address, tree, path, start).slice(0, 1);
  return below(address, tree, path === '' ? '' : `${path}/`, start);
}

function below(address: string, tree: Tree, prefix: string, start = ''): Ids {
  const paths = sortedPaths(tree);
  const ids: Ids = [];
  for (let at = firstFrom(paths, prefix); ; at += 1) {
    const path = paths[at];
    if (path?.startsWith(prefix) !== true) return ids;
    const file = tree.get(path);
    if (file === undefined) continue;
    ids.push([`${address}${path.slice(start.length)}`, `${file.id}${file.executable ? '+x' : ''}`]);
  }
}

/** Where a command only may mean a file, there is none to be missed. */
function isGuess(reference: FileReference): boolean {
  return 'pathBegins' in reference;
}

function someBegin(tree: Tree, prefix: string): boolean {
  const paths = sortedPaths(tree);
  return paths[firstFrom(paths, prefix)]?.startsWith(prefix) === true;
}

/** A hundred nodes ask the same few trees: each is sorted once, whatever order it came in. */
const sortedOf = new WeakMap<Tree, string[]>();
function sortedPaths(tree: Tree): string[] {
  const known = sortedOf.get(tree) ?? [...tree.keys()].sort();
  sortedOf.set(tree, known);
  return known;
}

/** Index of the first path that is not before the text. */
function firstFrom(paths: readonly string[], text: string): number {
  let [low, high] = [0, paths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
