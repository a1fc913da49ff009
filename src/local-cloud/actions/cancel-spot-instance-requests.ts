import { write } from '../api/action.ts';
import { find } from '../api/resource-ids.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const cancelSpotInstanceRequests = write(
  { SpotInstanceRequestId: required(list(text)) },
  ({ SpotInstanceRequestId }, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    for (const id of SpotInstanceRequestId) find(store.state.spotRequests, 'spotRequest', id);
    return () => {
      store.release((state) => {
        for (const id of SpotInstanceRequestId) {
          const request = find(state.spotRequests, 'spotRequest', id);
          if (request.state === 'open') request.updatedAt = now().toISOString();
          request.state = 'cancelled';
        }
      });
      return {
        spotInstanceRequestSet: SpotInstanceRequestId.map((id) => ({
          spotInstanceRequestId: id,
          state: 'cancelled',
        })),
      };
    };
  },
);
