import { createHash } from 'node:crypto';
import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { oneOf, rawText, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { bucketStore, findBucket, isUsed, objectIn } from '../objects/buckets.ts';
import { checksumFields, checkSums, crc32Text } from '../objects/checksums.ts';

const maxKeyBytes = 1024;

export const putObject = write(
  {
    Bucket: required(text),
    Key: required(text),
    Body: rawText,
    ContentType: text,
    ChecksumAlgorithm: oneOf('CRC32', 'SHA1', 'SHA256'),
    ...checksumFields,
  },
  (given, { stores, now, objects }: Pick<Cloud, 'stores' | 'now' | 'objects'>) => {
    const { Bucket: name, Key: key, ContentType: type = 'binary/octet-stream' } = given;
    const store = bucketStore({ stores });
    findBucket(store.state, name);
    if (Buffer.byteLength(key) > maxKeyBytes) throw new Fault('KeyTooLongError', 'Your key is too long');
    const bytes = Buffer.from(given.Body ?? '', 'base64');
    checkSums(given, bytes);
    return () => {
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      const sha256 = objects.put(bytes);
      const before = objectIn(findBucket(store.state, name), key);
      const about = { key, sha256, size: bytes.length, etag, type, modifiedAt: now().toISOString() };
      store.change((state) => {
        findBucket(state, name).objects[`/${key}`] = about;
      });
      if (before !== undefined && !isUsed(store.state, before.sha256)) objects.remove(before.sha256);
      return { headers: { etag, 'x-amz-checksum-crc32': crc32Text(bytes) } };
    };
  },
);
