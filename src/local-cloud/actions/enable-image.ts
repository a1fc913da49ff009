import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { ownImage } from '../api/image-names.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const enableImage = write(
  { ImageId: required(text) },
  ({ ImageId }, { store }: Pick<Cloud, 'store'>) => {
    const { id, state } = ownImage(store.state, ImageId);
    if (state !== 'available' && state !== 'disabled') {
      throw new Fault('InvalidAMIID.Unavailable', `The image ID '${id}' cannot be enabled: it is ${state}`);
    }
    return () => {
      store.change((now) => {
        ownImage(now, id).state = 'available';
      });
      return { return: true };
    };
  },
);
