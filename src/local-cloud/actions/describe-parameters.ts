import { read } from '../api/action.ts';
import { pageShape } from '../api/paging.ts';
import type { Cloud } from '../cloud.ts';
import { parameterArn } from '../parameters/answer.ts';
import { matchesAll, parameterFilterShape } from '../parameters/filters.ts';
import { cutParameters } from '../parameters/pages.ts';

export const describeParameters = read(
  { ParameterFilters: parameterFilterShape, ...pageShape },
  ({ ParameterFilters, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const all = Object.values(state.parameters ?? {}).filter(matchesAll(ParameterFilters));
    const found = cutParameters(all, ({ name }) => name, page, 50);
    return {
      Parameters: found.page.map(({ name, type, dataType, version, description, modifiedAt }) => ({
        Name: name,
        ARN: parameterArn(state, name),
        Type: type,
        LastModifiedDate: new Date(modifiedAt),
        LastModifiedUser: `arn:aws:iam::${state.account.id}:root`,
        Description: description,
        Version: version,
        Tier: 'Standard',
        Policies: [],
        DataType: dataType,
      })),
      NextToken: found.nextToken,
    };
  },
);
