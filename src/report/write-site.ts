import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, exitCode, StageError } from '../lib/errors.ts';
import { orFileError, writeWhole } from '../lib/json-file.ts';
import { isOurs } from './pages.ts';

const advice = 'name a writable folder with --out';

/**
 * Writes the pages into a folder, each whole, and removes pages of an earlier run of nodes that are no more. A page has its
 * own file's name within it: so nothing is replaced or removed that this program did not write under that very name.
 * @param keepsOthers the pages are of some nodes only, which says nothing of the others
 * @returns the names of the removed
 * @throws StageError (exit 2) when a file in the folder is in the way; FileError
 */
export async function writeSite(
  folder: string,
  pages: ReadonlyMap<string, string>,
  { keepsOthers = false } = {},
): Promise<string[]> {
  const earlier = await earlierFiles(folder);
  for (const name of pages.keys()) {
    const text = earlier.get(name);
    if (text !== undefined && !isOurs(name, text))
      throw new StageError(
        `${join(folder, name)} was not written by report: name another folder with --out, or move the file away`,
        exitCode.badInput,
      );
  }
  // The index last: what it leads to is there.
  const isIndex = (name: string) => Number(name === 'index.html');
  for (const [name, text] of [...pages].sort(([a], [b]) => isIndex(a) - isIndex(b))) {
    // That of some nodes only is not the page of all.
    if (keepsOthers && name === 'index.html' && earlier.has(name)) continue;
    // What a crash of the computer leaves incomplete, the next run writes anew.
    if (earlier.get(name) !== text) await writeWhole(join(folder, name), text, advice, { fsync: false });
  }
  if (keepsOthers) return [];
  const stale = [...earlier].filter(([name, text]) => !pages.has(name) && isOurs(name, text));
  for (const [name] of stale) await orFileError(join(folder, name), advice, () => rm(join(folder, name)));
  return stale.map(([name]) => name);
}

/** What lies in the folder under names such as pages have, with its text; a link is none of ours. */
async function earlierFiles(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await orFileError(folder, advice, async () => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    });
    for (const entry of entries) {
      if (!/\.(html|css)$/.test(entry.name)) continue;
      const isFile = entry.isFile();
      found.set(entry.name, isFile ? await readFile(join(folder, entry.name), 'utf8') : '');
    }
  });
  return found;
}
