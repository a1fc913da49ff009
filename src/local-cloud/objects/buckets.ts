import { Fault } from '../api/fault.ts';
import type { Cloud } from '../cloud.ts';
import { homeRegion } from '../region.ts';
import type { Bucket, StoredObject } from '../state/bucket.ts';
import type { State } from '../state/model.ts';
import type { Store } from '../state/store.ts';

/** Where all buckets are remembered, whichever region a call is signed for. */
export function bucketStore({ stores }: Pick<Cloud, 'stores'>): Store {
  return stores[homeRegion];
}

/** Throws the Fault of a bucket that is not there. */
export function findBucket({ buckets = {} }: State, name: string): Bucket {
  const bucket = Object.hasOwn(buckets, name) ? buckets[name] : undefined;
  if (bucket === undefined) throw new Fault('NoSuchBucket', 'The specified bucket does not exist', 404);
  return bucket;
}

/** Throws the Fault of an object, or of its bucket, that is not there. */
export function findObject(state: State, bucket: string, key: string): StoredObject {
  const found = objectIn(findBucket(state, bucket), key);
  if (found === undefined) throw new Fault('NoSuchKey', 'The specified key does not exist.', 404);
  return found;
}

/** Undefined: there is no such object. */
export function objectIn({ objects }: Bucket, key: string): StoredObject | undefined {
  return objects[`/${key}`];
}

/** Whether any object of any bucket has these bytes. */
export function isUsed({ buckets = {} }: State, sha256: string): boolean {
  return Object.values(buckets).some(({ objects }) =>
    Object.values(objects).some((object) => object.sha256 === sha256),
  );
}

/** By the rules of S3's general purpose buckets. */
export function checkBucketName(name: string): void {
  if (/^[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/.test(name) && !/^\d+(?:\.\d+){3}$/.test(name)) return;
  throw new Fault('InvalidBucketName', 'The specified bucket is not valid.');
}
