import { exitCode, StageError } from '../lib/errors.ts';
import { printable } from '../lib/printable.ts';
import type { ArchivedFile } from './archive.ts';

/** Where `--archive` says that files of images are kept. */
export type ArchivePlace =
  | { kind: 'folder'; folder: string }
  /** The prefix is without slashes at its ends; empty: none. */
  | { kind: 'bucket'; bucket: string; prefix: string };

/** As S3 takes them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = /^[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;
/** A key may have 1,024 bytes; `/<node>/images/<image>/<file>` takes up to 130 of them. */
const maxPrefixLength = 850;

/**
 * Reads the value of `--archive`; none: the folder of the reports.
 * @throws StageError (exit 2) when it is neither a folder's name nor `s3://BUCKET/PREFIX`
 */
export function archivePlace(where: string | undefined, reports: string): ArchivePlace {
  if (where === undefined) return { kind: 'folder', folder: reports };
  const refuse = (why: string) =>
    new StageError(
      `--archive ${JSON.stringify(printable(where))}: ${why}; give a folder or s3://BUCKET/PREFIX`,
      exitCode.badInput,
    );
  if (where.trim() === '' || printable(where) !== where)
    throw refuse('it is empty, or has signs that cannot be seen');
  const scheme = /^(s3|[a-z][a-z0-9+.-]*(?=:\/)):\/*/i.exec(where);
  if (scheme === null) return { kind: 'folder', folder: where };
  const [start = '', name = ''] = scheme;
  // `s3:/bucket` and `S3://bucket` would else become folders here, which nobody would find again.
  if (!start.startsWith('s3://'))
    throw refuse(/^s3$/i.test(name) ? 'it must begin with s3://' : `${start} is not known`);
  const [bucket = '', ...parts] = where.slice('s3://'.length).split('/');
  if (bucket === '') throw refuse('it names no bucket');
  if (!bucketName.test(bucket)) throw refuse(`${JSON.stringify(bucket)} is no name of a bucket`);
  const prefix = parts.join('/').replace(/\/+$/, '');
  if (prefix.length > maxPrefixLength)
    throw refuse(`its prefix is longer than ${maxPrefixLength} characters`);
  if (prefix !== '' && prefix.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw refuse('a part of its prefix is empty, . or ..');
  return { kind: 'bucket', bucket, prefix };
}

/** The place as a person would write it: `reports` or `s3://bucket/prefix`. */
export function placeName(place: ArchivePlace): string {
  if (place.kind === 'folder') return place.folder;
  return `s3://${[place.bucket, ...(place.prefix === '' ? [] : [place.prefix])].join('/')}`;
}

const nodeName = /^[a-z0-9][a-z0-9-]{0,62}$/;
const imageId = /^ami-[a-z0-9]{1,40}$/;

/**
 * The path of a file below the archive. Node and image may come from tags in EC2, which anybody may have written: what
 * is no name of a node or of an image (`../..`) reaches no file and no key.
 * @throws StageError (exit 2)
 */
export function archivedPath(node: string, image: string, file: ArchivedFile): string {
  for (const [what, name, form] of [
    ['node', node, nodeName],
    ['image', image, imageId],
  ] as const) {
    if (!form.test(name))
      throw new StageError(
        `no archive keeps files of ${what} ${JSON.stringify(printable(name))}`,
        exitCode.badInput,
      );
  }
  return `${node}/images/${image}/${file}`;
}
