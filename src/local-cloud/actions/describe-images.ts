import { imageAnswer, imageFilters } from '../answers/image.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeImages = read(
  {
    ImageId: list(text),
    Owner: list(text),
    ExecutableBy: list(text),
    IncludeDeprecated: flag,
    IncludeDisabled: flag,
    Filter: filterShape,
    ...pageShape,
  },
  (
    { ImageId, Owner, ExecutableBy, IncludeDisabled, Filter, ...page },
    { store: { state } }: Pick<Cloud, 'store'>,
  ) => {
    const self = state.account.id;
    const owners = Owner.map((owner) => (owner === 'self' ? self : owner));
    const users = ExecutableBy.map((user) => (user === 'self' ? self : user));
    const found = select({
      action: 'DescribeImages',
      all: Object.values(state.images),
      ids: ImageId,
      filters: Filter,
      table: imageFilters(state),
      tags: state.tags,
      missing: (id) => missing('image', id),
      shown: (image) =>
        (IncludeDisabled === true || image.state !== 'disabled') &&
        (owners.length === 0 || owners.includes(image.ownerId)) &&
        (users.length === 0 ||
          users.some((user) => (user === 'all' ? image.isPublic : image.launchUsers.includes(user)))),
      page,
    });
    return {
      imagesSet: found.page.map((image) => imageAnswer(image, state)),
      nextToken: found.nextToken,
    };
  },
);
