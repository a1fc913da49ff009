import type { StoredObject } from '../state/bucket.ts';
import { crc32Text } from './checksums.ts';

/** What GetObject and HeadObject say of an object in headers; its checksum if the client wants to check it. */
export function objectHeaders(
  { etag, type, modifiedAt, size }: StoredObject,
  bytes: Buffer | undefined,
): Record<string, string> {
  return {
    'content-type': type,
    'content-length': String(size),
    etag,
    'last-modified': new Date(modifiedAt).toUTCString(),
    'accept-ranges': 'none',
    ...(bytes === undefined ? {} : { 'x-amz-checksum-crc32': crc32Text(bytes) }),
  };
}
