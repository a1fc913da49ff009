import { write } from '../api/action.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterOf } from '../parameters/look-up.ts';
import { checkNumber } from '../parameters/names.ts';

export const deleteParameters = write(
  { Names: required(list(text)) },
  ({ Names }, { store }: Pick<Cloud, 'store'>) => {
    checkNumber(Names);
    const isThere = (name: string) => parameterOf(store.state, name) !== undefined;
    const names = [...new Set(Names)];
    return () => {
      const DeletedParameters = names.filter(isThere);
      const InvalidParameters = names.filter((name) => !isThere(name));
      store.release(({ parameters = {} }) => {
        for (const name of DeletedParameters) Reflect.deleteProperty(parameters, name);
      });
      return { DeletedParameters, InvalidParameters };
    };
  },
);
