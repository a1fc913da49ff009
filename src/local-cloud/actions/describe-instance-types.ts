import { typeAnswer, typeFilters } from '../answers/instance-type.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { Fault } from '../api/fault.ts';
import { pageShape } from '../api/paging.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import { instanceTypes } from '../instances/types.ts';

export const describeInstanceTypes = read(
  { InstanceType: list(text), Filter: filterShape, ...pageShape },
  ({ InstanceType, Filter, ...page }) => {
    const found = select({
      action: 'DescribeInstanceTypes',
      all: instanceTypes,
      ids: InstanceType,
      filters: Filter,
      table: typeFilters,
      tags: {},
      missing: (id) =>
        new Fault('InvalidInstanceType', `The following supplied instance types do not exist: [${id}]`),
      page,
    });
    return { instanceTypeSet: found.page.map(typeAnswer), nextToken: found.nextToken };
  },
);
