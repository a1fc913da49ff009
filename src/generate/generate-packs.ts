import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { errnoOf } from '../lib/errors.ts';
import { replaceFile } from '../lib/json-file.ts';
import type { Node } from '../nodes/node.ts';
import { type PackFiles, packOf } from './pack.ts';
import { optionalKeys, type PackSettings, TemplateError } from './pack-settings.ts';

/** The folder of packs, as far as generate needs it. Names are file names within it. */
export interface PackFolder {
  /** Names of the files there; none when the folder does not exist. */
  list: () => Promise<string[]>;
  /** A file's text; undefined when there is no such file. */
  read: (name: string) => Promise<string | undefined>;
  write: (name: string, text: string) => Promise<void>;
  remove: (name: string) => Promise<void>;
}

/** What became of one node's pack. */
export interface PackChange {
  node: string;
  file: string;
  change: 'written' | 'unchanged' | 'removed';
}

/**
 * Writes the packs of `chosen` where they changed, and removes the packs of nodes that are not in `all`.
 * Nothing is written when the template is wrong for any node.
 * @param finish changes a node's pack before it is written
 * @throws TemplateError with every problem.
 */
export async function generatePacks(
  chosen: Node[],
  all: Node[],
  settings: Omit<PackSettings, 'optional'>,
  folder: PackFolder,
  finish: (node: Node, made: PackFiles) => PackFiles = (_, made) => made,
): Promise<PackChange[]> {
  const optional = optionalKeys(all);
  const problems = new Set<string>();
  const packs = chosen.flatMap((node) => {
    const made = packOf(node, { ...settings, optional });
    if (!('problems' in made)) return [{ node, made: finish(node, made) }];
    for (const problem of made.problems) problems.add(problem);
    return [];
  });
  if (problems.size > 0) throw new TemplateError([...problems].join('\n'));

  // Several at a time: a thousand packs wait for the disk most of the time.
  const queue = pLimit(16);
  const changes = await Promise.all(
    packs.map(({ node, made }) => queue(() => writePack(node.name, made, folder))),
  );
  return [...changes, ...(await removeGone(all, folder))];
}

async function writePack(node: string, made: PackFiles, folder: PackFolder): Promise<PackChange> {
  const wrote = [
    await writeIfChanged(folder, `${node}.json`, made.pack),
    await writeIfChanged(folder, `${node}.facts.json`, made.facts),
  ].includes(true);
  return { node, file: `${node}.json`, change: wrote ? 'written' : 'unchanged' };
}

async function writeIfChanged(folder: PackFolder, name: string, text: string): Promise<boolean> {
  if ((await folder.read(name)) === text) return false;
  await folder.write(name, text);
  return true;
}

async function removeGone(all: Node[], folder: PackFolder): Promise<PackChange[]> {
  const names = new Set(all.map((node) => node.name));
  const gone: PackChange[] = [];
  for (const file of await folder.list()) {
    const node = /^([a-z0-9][a-z0-9-]{0,62})\.json$/.exec(file)?.[1];
    // `--out` may be a folder with other JSON files: only a file that says that it is this node's pack is removed.
    if (node === undefined || names.has(node) || packNode(await folder.read(file)) !== node) continue;
    await folder.remove(file);
    await folder.remove(`${node}.facts.json`);
    // Made by collect.sh when a person ran Packer by hand.
    await folder.remove(`${node}.upload.tar`);
    gone.push({ node, file, change: 'removed' });
  }
  return gone;
}

/** Which node a file says to be the pack of. Packer takes strings only for its comments, hence a sentence. */
function packNode(text: string | undefined): string | undefined {
  try {
    const data = JSON.parse(text ?? '') as { _bakehouse?: unknown } | null;
    return /^pack of (\S+), schema 1:/.exec(String(data?._bakehouse))?.[1];
  } catch {
    return undefined;
  }
}

/** A real folder of packs; it is made when the first file is written. */
export function packFolder(path: string): PackFolder {
  let made: Promise<unknown> | undefined;
  return {
    list: () => orWhenMissing(readdir(path), []),
    read: (name) => orWhenMissing<string | undefined>(readFile(join(path, name), 'utf8'), undefined),
    write: async (name, text) => {
      await (made ??= mkdir(path, { recursive: true }));
      // Whole or not at all by the rename; no fsync, since a pack is made again in a moment.
      await replaceFile(join(path, name), text, { fsync: false });
    },
    remove: (name) => rm(join(path, name), { force: true }),
  };
}

async function orWhenMissing<T>(promise: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return otherwise;
    throw error;
  }
}
