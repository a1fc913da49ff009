import { read } from '../api/action.ts';
import { flag, list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterAnswer } from '../parameters/answer.ts';
import { lookUp } from '../parameters/look-up.ts';
import { validationException } from '../parameters/names.ts';

const most = 10;

export const getParameters = read(
  { Names: required(list(text)), WithDecryption: flag },
  ({ Names }, { store: { state } }: Pick<Cloud, 'store'>) => {
    if (Names.length > most) {
      throw validationException(
        `1 validation error detected: Value '[${Names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
      );
    }
    const looked = Names.map((name) => ({ name, found: lookUp(state, name) }));
    return {
      Parameters: looked.flatMap(({ found }) =>
        typeof found === 'string' ? [] : [parameterAnswer(state, found.version, found.selector)],
      ),
      InvalidParameters: looked.flatMap(({ name, found }) => (typeof found === 'string' ? [name] : [])),
    };
  },
);
