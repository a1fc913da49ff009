import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, exitCode, StageError } from '../lib/errors.ts';
import { writeWhole } from '../lib/json-file.ts';
import { archivedPath, archivePlace, placeName } from './archive-place.ts';
import type { Archive } from './archive.ts';
import type { BucketCalls } from './bucket-calls.ts';

const advice = 'name a writable folder, or s3://BUCKET/PREFIX, with --archive';

/**
 * The archive that `--archive` names. Asks S3 nothing yet, and loads its client with the first file.
 * @param where the flag's value; undefined: the folder of the reports
 * @throws StageError (exit 2) when it names no archive
 */
export async function openArchive(where: string | undefined, reports: string): Promise<Archive> {
  const place = archivePlace(where, reports);
  const name = placeName(place);
  if (place.kind === 'folder') return folderArchive(await realFolder(place.folder));
  const { bucket, prefix } = place;
  let calls: Promise<BucketCalls> | undefined;
  const connected = () => (calls ??= connectBucket(bucket, name));
  const keyOf = (path: string) => (prefix === '' ? path : `${prefix}/${path}`);
  return {
    name,
    read: async (...of) => (await connected()).read(keyOf(archivedPath(...of))),
    write: async (node, image, file, content) =>
      (await connected()).write(keyOf(archivedPath(node, image, file)), content),
  };
}

/**
 * For who only reads: a folder that was named and is not there is a wrong name, or a disk that is not mounted.
 * @throws StageError (exit 2)
 */
export async function assertThere(where: string | undefined, reports: string): Promise<void> {
  const place = archivePlace(where, reports);
  if (where === undefined || place.kind !== 'folder') return;
  if ((await stat(place.folder).catch(() => undefined)) === undefined)
    throw new StageError(`--archive ${place.folder}: there is no such folder: ${advice}`, exitCode.badInput);
}

async function connectBucket(bucket: string, name: string): Promise<BucketCalls> {
  const { bucketCalls } = await import('./bucket-calls.ts');
  return bucketCalls(bucket, name);
}

/** @throws StageError (exit 2) when there is something else of this name */
async function realFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return folder;
  throw new StageError(`--archive ${folder} is no folder: ${advice}`, exitCode.badInput);
}

function folderArchive(folder: string): Archive {
  return {
    name: folder,
    read: async (...of) => {
      const file = join(folder, archivedPath(...of));
      return readFile(file, 'utf8').catch((error: unknown) => {
        const code = errnoOf(error);
        if (code === 'ENOENT') return undefined;
        throw new StageError(`${file} cannot be read (${code ?? String(error)})`, exitCode.unavailable, {
          cause: error,
        });
      });
    },
    write: async (node, image, file, content) =>
      writeWhole(join(folder, archivedPath(node, image, file)), content, advice),
  };
}
