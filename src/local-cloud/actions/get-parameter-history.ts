import { read } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { pageShape } from '../api/paging.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { lookUp } from '../parameters/look-up.ts';
import { cutParameters } from '../parameters/pages.ts';

/** The oldest version first, as in SSM; versions have no labels here. */
export const getParameterHistory = read(
  { Name: required(text), WithDecryption: flag, ...pageShape },
  ({ Name, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = lookUp(state, Name);
    // A version is not asked for here: SSM knows no parameter of such a name.
    if (typeof found === 'string' || found.selector !== undefined)
      throw new Fault('ParameterNotFound', `There is no parameter ${Name}`);
    const { older, ...newest } = found.parameter;
    const { page: versions, nextToken } = cutParameters(
      [...older, newest],
      ({ version }) => String(version).padStart(16, '0'),
      page,
      50,
    );
    return {
      Parameters: versions.map(({ name, type, dataType, value, version, description, modifiedAt }) => ({
        Name: name,
        Type: type,
        LastModifiedDate: new Date(modifiedAt),
        LastModifiedUser: `arn:aws:iam::${state.account.id}:root`,
        Description: description,
        Value: value,
        Version: version,
        Labels: [],
        Tier: 'Standard',
        Policies: [],
        DataType: dataType,
      })),
      NextToken: nextToken,
    };
  },
);
