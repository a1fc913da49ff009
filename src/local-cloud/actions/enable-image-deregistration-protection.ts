import { write } from '../api/action.ts';
import { ownImage } from '../api/image-names.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const enableImageDeregistrationProtection = write(
  { ImageId: required(text), WithCooldown: flag },
  ({ ImageId, WithCooldown }, { store }: Pick<Cloud, 'store'>) => {
    const { id } = ownImage(store.state, ImageId);
    return () => {
      store.change((state) => {
        ownImage(state, id).protection = { enabled: true, cooldown: WithCooldown ?? false };
      });
      return { return: 'true' };
    };
  },
);
