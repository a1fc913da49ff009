import { createBucket } from '../actions/create-bucket.ts';
import { deleteObject } from '../actions/delete-object.ts';
import { getObject } from '../actions/get-object.ts';
import { headObject } from '../actions/head-object.ts';
import { listObjectsV2 } from '../actions/list-objects-v2.ts';
import { putObject } from '../actions/put-object.ts';
import type { Actions } from '../cloud.ts';

/** The actions of S3. */
export const objectActions: Actions = {
  CreateBucket: createBucket,
  DeleteObject: deleteObject,
  GetObject: getObject,
  HeadObject: headObject,
  ListObjectsV2: listObjectsV2,
  PutObject: putObject,
};
