import { read } from '../api/action.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { cutPage, pageShape } from '../api/paging.ts';
import { kindOf, resourceType } from '../api/resource-ids.ts';
import type { Cloud } from '../cloud.ts';

export const describeTags = read(
  { Filter: filterShape, ...pageShape },
  ({ Filter, ...page }, { store }: Pick<Cloud, 'store'>) => {
    const all = Object.entries(store.state.tags).flatMap(([id, tags]) => {
      const kind = kindOf(id);
      const type = kind === undefined ? '' : resourceType(kind);
      return Object.entries(tags).map(([key, value]) => ({ id, type, key, value }));
    });
    const found = applyFilters(
      all,
      Filter,
      {
        key: ({ key }) => key,
        'resource-id': ({ id }) => id,
        'resource-type': ({ type }) => type,
        value: ({ value }) => value,
      },
      'DescribeTags',
      ({ key, value }) => ({ [key]: value }),
    );
    const { page: shown, nextToken } = cutPage(found, ({ id, key }) => `${id} ${key}`, page);
    return {
      tagSet: shown.map(({ id, type, key, value }) => ({ resourceId: id, resourceType: type, key, value })),
      nextToken,
    };
  },
);
