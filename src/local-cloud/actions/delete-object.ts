import { write } from '../api/action.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { bucketStore, findBucket, isUsed, objectIn } from '../objects/buckets.ts';

export const deleteObject = write(
  { Bucket: required(text), Key: required(text) },
  ({ Bucket: name, Key: key }, { stores, objects }: Pick<Cloud, 'stores' | 'objects'>) => {
    const store = bucketStore({ stores });
    const object = objectIn(findBucket(store.state, name), key);
    return () => {
      // As in S3, an object that is not there is deleted all the same.
      if (object !== undefined) {
        store.release((state) => Reflect.deleteProperty(findBucket(state, name).objects, `/${key}`));
        if (!isUsed(store.state, object.sha256)) objects.remove(object.sha256);
      }
      return { status: 204 };
    };
  },
);
