import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterOf } from '../parameters/look-up.ts';

export const deleteParameter = write(
  { Name: required(text) },
  ({ Name }, { store }: Pick<Cloud, 'store'>) => {
    if (parameterOf(store.state, Name) === undefined)
      throw new Fault('ParameterNotFound', `There is no parameter ${Name}`);
    return () => {
      store.release((state) => Reflect.deleteProperty(state.parameters ?? {}, Name));
      return {};
    };
  },
);
