import { read } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterAnswer } from '../parameters/answer.ts';
import { lookUp } from '../parameters/look-up.ts';

export const getParameter = read(
  // Nothing here is encrypted.
  { Name: required(text), WithDecryption: flag },
  ({ Name }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = lookUp(state, Name);
    if (found === 'no parameter') throw new Fault('ParameterNotFound', `There is no parameter ${Name}`);
    if (found === 'no version') {
      throw new Fault('ParameterVersionNotFound', `Systems Manager could not find the version of ${Name}`);
    }
    return { Parameter: parameterAnswer(state, found.version, found.selector) };
  },
);
