import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { integer, oneOf, required, text } from '../api/shapes.ts';
import { Named } from '../api/xml.ts';
import type { Cloud } from '../cloud.ts';
import { bucketStore, findBucket } from '../objects/buckets.ts';

const mostKeys = 1000;

export const listObjectsV2 = read(
  {
    Bucket: required(text),
    ListType: oneOf('2'),
    Prefix: text,
    Delimiter: text,
    MaxKeys: integer,
    StartAfter: text,
    ContinuationToken: text,
    EncodingType: oneOf('url'),
  },
  (given, { stores }: Pick<Cloud, 'stores'>) => {
    const { Bucket: name, Prefix: prefix = '', Delimiter: delimiter, EncodingType: encoding } = given;
    const limit = Math.min(given.MaxKeys ?? mostKeys, mostKeys);
    if (limit < 0) throw invalidValue('max-keys must not be negative');
    const after = startOf(given.ContinuationToken) ?? given.StartAfter ?? '';
    const all = Object.values(findBucket(bucketStore({ stores }).state, name).objects);
    // By the bytes of UTF-8, as S3 sorts them.
    const sorted = all
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    // A common prefix is one entry, whatever is below it.
    const entries = new Map<string, (typeof sorted)[number] | undefined>();
    for (const object of sorted) {
      const end = delimiter === undefined ? -1 : object.key.indexOf(delimiter, prefix.length);
      if (end === -1) entries.set(object.key, object);
      else entries.set(object.key.slice(0, end + (delimiter ?? '').length), undefined);
    }
    const left = [...entries].filter(([entry]) => Buffer.compare(Buffer.from(entry), Buffer.from(after)) > 0);
    const page = left.slice(0, limit);
    const last = page.at(-1)?.[0];
    const isCut = left.length > page.length && last !== undefined;
    const shown = (key: string) =>
      encoding === undefined ? key : encodeURIComponent(key).replaceAll('%2F', '/');
    return {
      xml: {
        Name: name,
        Prefix: shown(prefix),
        ...(delimiter === undefined ? {} : { Delimiter: shown(delimiter) }),
        MaxKeys: limit,
        KeyCount: page.length,
        IsTruncated: isCut,
        EncodingType: encoding,
        ContinuationToken: given.ContinuationToken,
        StartAfter: given.StartAfter === undefined ? undefined : shown(given.StartAfter),
        NextContinuationToken: isCut ? Buffer.from(last).toString('base64url') : undefined,
        objects: new Named(
          'Contents',
          page.flatMap(([, object]) =>
            object === undefined
              ? []
              : [
                  {
                    Key: shown(object.key),
                    LastModified: object.modifiedAt,
                    ETag: object.etag,
                    Size: object.size,
                    StorageClass: 'STANDARD',
                  },
                ],
          ),
        ),
        folders: new Named(
          'CommonPrefixes',
          page.flatMap(([entry, object]) => (object === undefined ? [{ Prefix: shown(entry) }] : [])),
        ),
      },
    };
  },
);

/** The entry after which a token goes on. */
function startOf(token: string | undefined): string | undefined {
  return token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8');
}
