import { write } from '../api/action.ts';
import { flag, oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { parameterOf } from '../parameters/look-up.ts';
import { checkName } from '../parameters/names.ts';
import { newVersion } from '../parameters/new-version.ts';

export const putParameter = write(
  {
    Name: required(text),
    Value: required(text),
    Type: oneOf('String', 'StringList', 'SecureString'),
    DataType: oneOf('text', 'aws:ec2:image'),
    Description: text,
    Overwrite: flag,
    Tier: oneOf('Standard'),
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    checkName(given.Name);
    const made = newVersion(given, parameterOf(store.state, given.Name), store.state, now());
    return () => {
      store.change((state) => ((state.parameters ??= {})[made.name] = made));
      return { Version: made.version, Tier: 'Standard' };
    };
  },
);
