import { write } from '../api/action.ts';
import { ownImage } from '../api/image-names.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const disableImageDeprecation = write(
  { ImageId: required(text) },
  ({ ImageId }, { store }: Pick<Cloud, 'store'>) => {
    const { id } = ownImage(store.state, ImageId);
    return () => {
      store.change((state) => {
        Reflect.deleteProperty(ownImage(state, id), 'deprecatedAt');
      });
      return { return: true };
    };
  },
);
