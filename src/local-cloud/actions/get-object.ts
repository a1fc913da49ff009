import { read } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { objectHeaders } from '../objects/answer.ts';
import { bucketStore, findObject } from '../objects/buckets.ts';

export const getObject = read(
  { Bucket: required(text), Key: required(text), ChecksumMode: oneOf('ENABLED'), IfMatch: text },
  (given, { stores, objects }: Pick<Cloud, 'stores' | 'objects'>) => {
    const { Bucket: bucket, Key: key, ChecksumMode: mode, IfMatch: wanted } = given;
    const object = findObject(bucketStore({ stores }).state, bucket, key);
    if (wanted !== undefined && wanted !== object.etag)
      throw new Fault('PreconditionFailed', 'The pre-condition If-Match did not hold', 412);
    const bytes = objects.get(object.sha256);
    const headers = objectHeaders(object, mode === undefined ? undefined : bytes);
    return { headers, body: bytes.toString('base64') };
  },
);
