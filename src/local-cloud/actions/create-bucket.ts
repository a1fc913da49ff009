import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { bucketStore, checkBucketName } from '../objects/buckets.ts';

export const createBucket = write(
  // The configuration names a region: a bucket of this cloud is in all of them.
  { Bucket: required(text), Configuration: text },
  ({ Bucket: name }, { stores, now }: Pick<Cloud, 'stores' | 'now'>) => {
    checkBucketName(name);
    const store = bucketStore({ stores });
    if (Object.hasOwn(store.state.buckets ?? {}, name))
      throw new Fault('BucketAlreadyOwnedByYou', 'You have created this bucket before.', 409);
    return () => {
      const bucket = { name, createdAt: now().toISOString(), objects: {} };
      store.change((state) => ((state.buckets ??= {})[name] = bucket));
      return { headers: { location: `/${name}` } };
    };
  },
);
