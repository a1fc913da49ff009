import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { cutPage, pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { readReferenceScope, referenceScopeShape } from '../images/reference-scope.ts';
import { referencesTo, type Reference } from '../images/references.ts';

/** How many images EC2 takes in one call. */
const most = 10;

const keyOf = ({ imageId, resourceType, arn }: Reference) => `${imageId} ${resourceType} ${arn}`;

export const describeImageReferences = read(
  { ImageId: required(list(text)), ...referenceScopeShape, ...pageShape },
  ({ ImageId, MaxResults, NextToken, ...asked }, { store: { state } }: Pick<Cloud, 'store'>) => {
    if (ImageId.length > most) throw invalidValue(`At most ${most} images can be asked for in one request`);
    // An image that is gone, or another account's, may be named all the same: only its id must be one.
    for (const id of ImageId) {
      const fault = missing('image', id);
      if (fault.code.endsWith('.Malformed')) throw fault;
    }
    const found = referencesTo(state, ImageId, readReferenceScope(asked));
    const { page, nextToken } = cutPage(found, keyOf, { MaxResults, NextToken }, { min: 1, usual: 1000 });
    return {
      nextToken,
      imageReferenceSet: page.map(({ imageId, resourceType, arn }) => ({ imageId, resourceType, arn })),
    };
  },
);
