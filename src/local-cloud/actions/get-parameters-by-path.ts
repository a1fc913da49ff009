import { read } from '../api/action.ts';
import { pageShape } from '../api/paging.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterAnswer } from '../parameters/answer.ts';
import { isBelow, matchesAll, parameterFilterShape } from '../parameters/filters.ts';
import { validationException } from '../parameters/names.ts';
import { cutParameters } from '../parameters/pages.ts';

export const getParametersByPath = read(
  {
    Path: required(text),
    Recursive: flag,
    ParameterFilters: parameterFilterShape,
    WithDecryption: flag,
    ...pageShape,
  },
  ({ Path, Recursive = false, ParameterFilters, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    if (!Path.startsWith('/')) {
      throw validationException(
        'The parameter path must begin with a slash "/", and names a hierarchy of parameters',
      );
    }
    const matches = matchesAll(ParameterFilters);
    const all = Object.values(state.parameters ?? {}).filter(
      (parameter) => isBelow(parameter.name, Path, Recursive) && matches(parameter),
    );
    const found = cutParameters(all, ({ name }) => name, page, 10);
    return {
      Parameters: found.page.map((parameter) => parameterAnswer(state, parameter)),
      NextToken: found.nextToken,
    };
  },
);
