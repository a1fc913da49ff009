import { write } from '../api/action.ts';
import { flag, list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { endEach } from '../requests/end-each.ts';

export const cancelSpotFleetRequests = write(
  { SpotFleetRequestId: required(list(text)), TerminateInstances: required(flag) },
  ({ SpotFleetRequestId, TerminateInstances }, { store }: Pick<Cloud, 'store'>) =>
    () => {
      const { ended, unknown } = store.release(({ spotFleets }) =>
        endEach(spotFleets, SpotFleetRequestId, 'spotFleet', 'cancelled'),
      );
      return {
        successfulFleetRequestSet: ended.map(({ id, before }) => ({
          spotFleetRequestId: id,
          currentSpotFleetRequestState: TerminateInstances ? 'cancelled_terminating' : 'cancelled_running',
          previousSpotFleetRequestState: before,
        })),
        unsuccessfulFleetRequestSet: unknown.map(({ id, malformed, message }) => ({
          spotFleetRequestId: id,
          error: { code: malformed ? 'fleetRequestIdMalformed' : 'fleetRequestIdDoesNotExist', message },
        })),
      };
    },
);
