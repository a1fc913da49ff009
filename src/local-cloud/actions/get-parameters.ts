import { read } from '../api/action.ts';
import { flag, list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterAnswer } from '../parameters/answer.ts';
import { lookUp } from '../parameters/look-up.ts';
import { checkNumber } from '../parameters/names.ts';

export const getParameters = read(
  { Names: required(list(text)), WithDecryption: flag },
  ({ Names }, { store: { state } }: Pick<Cloud, 'store'>) => {
    checkNumber(Names);
    const looked = Names.map((name) => ({ name, found: lookUp(state, name) }));
    return {
      Parameters: looked.flatMap(({ found }) =>
        typeof found === 'string' ? [] : [parameterAnswer(state, found.version, found.selector)],
      ),
      InvalidParameters: looked.flatMap(({ name, found }) => (typeof found === 'string' ? [name] : [])),
    };
  },
);
