import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { blobId, readBlob } from './blob-id.ts';
import type { EnvironmentFiles } from './environment-files.ts';
import { askGit } from './git-index.ts';
import { bytesOf, quoted, textOfPath } from './path-text.ts';
import type { Tree, TreeFile } from './tree.ts';
import { type Found, walkFiles } from './walk-files.ts';

/** A folder's files cannot all be known; a line for each problem. */
export class TreeError extends Error {
  readonly exitCode = 2;
}

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
 * @throws TreeError that names what cannot be read, a pipe, a socket or a device
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
    throw new TreeError(
      `${folder}: there is no such folder: name the Puppet environment with --manifests DIR`,
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
      const { code, message } = error as NodeJS.ErrnoException;
      problems.push({ path, why: code === undefined ? message : `it cannot be read (${code})` });
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
  if (problems.length > 0) throw new TreeError(sentences(folder, problems));
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
  const hash = createHash('sha256');
  // As JSON, which keeps names apart that hold a line break, or bytes that are no UTF-8.
  for (const [path, { id, executable }] of tree) hash.update(`${JSON.stringify([path, id, executable])}\n`);
  return hash.digest('hex');
}
