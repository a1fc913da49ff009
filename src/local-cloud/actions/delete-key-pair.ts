import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const deleteKeyPair = write(
  { KeyName: text, KeyPairId: text },
  ({ KeyName, KeyPairId }, { store }: Pick<Cloud, 'store'>) => {
    if (KeyName === undefined && KeyPairId === undefined) {
      throw new Fault('MissingParameter', 'The request must contain the parameter KeyName or KeyPairId');
    }
    const pair = Object.values(store.state.keyPairs).find(
      ({ id, name }) => name === KeyName || id === KeyPairId,
    );
    // EC2 too is content when there is no such pair.
    if (pair === undefined) return () => ({ return: true });
    return () => {
      store.change((state) => {
        Reflect.deleteProperty(state.keyPairs, pair.id);
        Reflect.deleteProperty(state.tags, pair.id);
      });
      return { return: true, keyPairId: pair.id };
    };
  },
);
