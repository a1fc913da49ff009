import { write } from '../api/action.ts';
import { ownImage } from '../api/image-names.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { unprotect } from '../images/protection.ts';

export const disableImageDeregistrationProtection = write(
  { ImageId: required(text) },
  ({ ImageId }, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const { id } = ownImage(store.state, ImageId);
    return () => {
      store.change((state) => {
        unprotect(ownImage(state, id), now());
      });
      return { return: 'true' };
    };
  },
);
