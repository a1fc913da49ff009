import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { ownImage } from '../api/image-names.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import type { Image } from '../state/model.ts';

export const disableImage = write(
  { ImageId: required(text) },
  ({ ImageId }, { store }: Pick<Cloud, 'store'>) => {
    const { id, state } = ownImage(store.state, ImageId);
    if (state !== 'available' && state !== 'disabled') {
      throw new Fault('InvalidAMIID.Unavailable', `The image ID '${id}' is not available: it is ${state}`);
    }
    return () => {
      store.change((now) => {
        // They do not come back when the image is enabled again.
        Object.assign(ownImage(now, id), {
          state: 'disabled',
          isPublic: false,
          launchUsers: [],
        } satisfies Partial<Image>);
      });
      return { return: true };
    };
  },
);
