import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PackPath } from './pack-paths.ts';

/** The files that packs name, as digests (SHA-256, hexadecimal); each is read once, however many packs name it. */
export interface PackFileReader {
  /** @throws the file system's error, ENOENT for one. */
  digest: (path: string, withNeighbours: boolean) => Promise<string>;
}

/** Reads real files, of one moment: a new reader for a new look. */
export function packFileReader(): PackFileReader {
  const known = new Map<string, Promise<string>>();
  return {
    digest: (path, withNeighbours) => {
      const key = `${withNeighbours ? 'all' : 'one'} ${path}`;
      const digest = known.get(key) ?? digestOf(path, withNeighbours);
      known.set(key, digest);
      return digest;
    },
  };
}

async function digestOf(path: string, withNeighbours: boolean): Promise<string> {
  const own = await contentOf(path);
  return sha256(JSON.stringify(withNeighbours ? [own, await contentOf(dirname(path))] : [own]));
}

/** A file's or a whole folder's content, modes included, since an upload keeps them. */
async function contentOf(path: string): Promise<unknown> {
  const { mode, isFolder } = await stat(path).then((found) => ({
    mode: found.mode & 0o111,
    isFolder: found.isDirectory(),
  }));
  if (!isFolder) return [mode === 0 ? 'file' : 'program', sha256(await readFile(path))];
  const names = (await readdir(path)).sort();
  return Promise.all(names.map(async (name) => [name, await contentOf(join(path, name))]));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * The digest of all that a pack names.
 * @param where a path of the pack's on this computer
 */
export async function scriptsDigest(
  paths: readonly PackPath[],
  reader: PackFileReader,
  where: (path: PackPath) => string,
): Promise<{ digest: string } | { missing: PackPath; why: string }> {
  const parts: string[] = [];
  for (const path of paths) {
    try {
      parts.push(await reader.digest(where(path), path.withNeighbours));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return { missing: path, why: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
    }
  }
  return { digest: sha256(JSON.stringify(parts)) };
}
