import { read } from '../api/action.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { objectHeaders } from '../objects/answer.ts';
import { bucketStore, findObject } from '../objects/buckets.ts';

export const headObject = read(
  { Bucket: required(text), Key: required(text), ChecksumMode: oneOf('ENABLED') },
  (given, { stores, objects }: Pick<Cloud, 'stores' | 'objects'>) => {
    const object = findObject(bucketStore({ stores }).state, given.Bucket, given.Key);
    const bytes = given.ChecksumMode === undefined ? undefined : objects.get(object.sha256);
    return { headers: objectHeaders(object, bytes) };
  },
);
