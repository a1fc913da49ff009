import { type Dirent, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errnoOf, exitCode, StageError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import type { EnvironmentFiles } from './environment-files.ts';
import { askGit } from './git.ts';
import { blobId, bytesOf, quoted, readBlob, textOfPath, type Tree, type TreeFile } from './tree.ts';

/** The files of a folder, and the commit that it is a checkout of. */
export interface ReadTree {
  tree: Tree;
  /** 40 hexadecimal digits; undefined where git does not know the folder. */
  commit: string | undefined;
  /** Files differ from the commit, as `git status` sees it: what it ignores does not count. */
  dirty: boolean;
}

const mostProblems = 10;

/**
 * Reads which files a folder has, links followed: their ids are taken from git where it says that they are as it keeps
 * them, else from their bytes. A link that leads nowhere, or to a folder that it lies in, counts as a file with the
 * link's text.
 * @throws StageError that names what cannot be read, a pipe, a socket or a device
 */
export async function readTree(folder: string): Promise<ReadTree> {
  return (await readFiles(folder)).read;
}

/** {@link readTree} of the files that belong to something, with all that was found; everything unless `only` says which. */
export async function readFiles(
  folder: string,
  only?: EnvironmentFiles,
): Promise<{ read: ReadTree; found: Found }> {
  const root = resolve(folder);
  if (!(await stat(root).catch(() => undefined))?.isDirectory()) {
    throw new StageError(
      `${folder}: there is no such folder: name the Puppet environment with --manifests DIR`,
      exitCode.badInput,
    );
  }
  // The walk first goes on while git works.
  const asked = askGit(root, only);
  const found = walkFiles(root, only);
  const knows = await asked;
  const problems = found.problems.map(({ path, why }) => ({ path, why }));
  const files: [string, TreeFile][] = [];
  const read = (path: string) => {
    try {
      files.push([textOfPath(path), readBlob(Buffer.concat([Buffer.from(`${root}/`), bytesOf(path)]))]);
    } catch (error) {
      const code = errnoOf(error);
      problems.push({
        path,
        why: code === undefined ? (error as Error).message : `it cannot be read (${code})`,
      });
    }
  };
  for (const path of found.files) {
    const known = knows.clean.get(path);
    if (known === undefined) read(path);
    else files.push([textOfPath(path), known]);
  }
  found.linked.forEach(read);
  for (const { path, text } of found.dead)
    files.push([textOfPath(path), { id: blobId(text), executable: false }]);
  if (problems.length > 0) throw new StageError(sentences(folder, problems), exitCode.badInput);
  const { commit, dirty } = knows;
  return { read: { tree: new Map(files.sort(byPath)), commit, dirty }, found };
}

const byPath = ([one]: [string, unknown], [other]: [string, unknown]) =>
  one < other ? -1 : one > other ? 1 : 0;

function sentences(folder: string, problems: { path: string; why: string }[]): string {
  const lines = problems
    .slice(0, mostProblems)
    .map(({ path, why }) => `${quoted(path === '' ? folder : `${folder}/${textOfPath(path)}`)}: ${why}`);
  if (problems.length > mostProblems)
    lines.push(`${folder}: ${problems.length - mostProblems} more of its files, likewise`);
  return lines.join('\n');
}

/** Hash of all paths, ids and modes of a tree (SHA-256, hexadecimal). */
export function treeId(tree: Tree): string {
  // As JSON, which keeps names apart that hold a line break, or bytes that are no UTF-8.
  const lines = [...tree].map(([path, { id, executable }]) => `${JSON.stringify([path, id, executable])}\n`);
  return sha256(lines.join(''));
}

/** What a walk finds; paths are inside paths (see tree.ts) as seen from the folder. */
export interface Found {
  /** Ordinary files at their own place. */
  files: string[];
  /** Folders that were walked, but for the folder itself. */
  folders: string[];
  /** Files behind a link, or in a folder behind one: whatever git knows of such a path, it is not this file. */
  linked: string[];
  /** Links that lead nowhere or into a folder that they lie in, with their text. */
  dead: { path: string; text: Buffer }[];
  /** What cannot be walked, with the rest of a sentence. */
  problems: { path: string; why: string }[];
}

/** Version control's own. */
const leftOut = new Set(['.git', '.svn', '.hg']);
/** Links can lead into each other so that there is no end of paths. */
const mostFiles = 1_000_000;

/** Finds all files below a folder that belong (all, unless something says which), links followed. */
function walkFiles(folder: string, only?: EnvironmentFiles): Found {
  const found: Found = { files: [], folders: [], linked: [], dead: [], problems: [] };
  const belongs = (path: string) => only === undefined || only.has(textOfPath(path));
  const leadsTo = (path: string) => only === undefined || only.leadsTo(textOfPath(path));
  const root = Buffer.from(folder).toString('latin1');
  const at = (path: string) => bytesOf(path === '' ? root : `${root}/${path}`);

  const walk = (path: string, behindLink: boolean, outer: readonly string[]): void => {
    let entries: Dirent[];
    let above: readonly string[];
    try {
      above = [...outer, identityOf(statSync(at(path)))];
      entries = readdirSync(at(path), { withFileTypes: true, encoding: 'latin1' });
    } catch (error) {
      found.problems.push({ path, why: `the folder cannot be read (${codeOf(error)})` });
      return;
    }
    if (path !== '') found.folders.push(path);
    for (const entry of entries) {
      if (leftOut.has(entry.name)) continue;
      if (found.files.length + found.linked.length > mostFiles) return;
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      // Neither what lies where nothing belongs nor that it cannot be read is of any concern.
      if (!belongs(inner) && (entry.isFile() || !leadsTo(inner))) continue;
      if (entry.isSymbolicLink()) follow(inner, above);
      else if (entry.isFile()) (behindLink ? found.linked : found.files).push(inner);
      else if (entry.isDirectory()) walk(inner, behindLink, above);
      else
        found.problems.push({
          path: inner,
          why: 'it is neither a file nor a folder (a pipe, a socket or a device)',
        });
    }
  };

  const follow = (path: string, above: readonly string[]): void => {
    let identity: string;
    let kind: 'folder' | 'file' | 'other';
    try {
      const stat = statSync(at(path));
      kind = stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
      identity = identityOf(stat);
    } catch (error) {
      const code = codeOf(error);
      if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(code)) dead(path);
      else found.problems.push({ path, why: `the link cannot be followed (${code})` });
      return;
    }
    if (kind === 'file') {
      if (belongs(path)) found.linked.push(path);
    } else if (kind === 'other')
      found.problems.push({ path, why: 'it leads to a pipe, a socket or a device' });
    else if (above.includes(identity)) dead(path);
    else walk(path, true, above);
  };

  const dead = (path: string): void => {
    found.dead.push({ path, text: readlinkSync(at(path), { encoding: 'buffer' }) });
  };

  walk('', false, []);
  if (found.files.length + found.linked.length > mostFiles)
    found.problems.push({
      path: '',
      why: `there are more than ${mostFiles} files: search for links that lead in circles`,
    });
  return found;
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function codeOf(error: unknown): string {
  return errnoOf(error) ?? String(error);
}
