import { write } from '../api/action.ts';
import { flag, list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { endEach } from '../requests/end-each.ts';

export const deleteFleets = write(
  { FleetId: required(list(text)), TerminateInstances: required(flag) },
  ({ FleetId, TerminateInstances }, { store }: Pick<Cloud, 'store'>) =>
    () => {
      const { ended, unknown } = store.release(({ fleets }) => endEach(fleets, FleetId, 'fleet', 'deleted'));
      return {
        successfulFleetDeletionSet: ended.map(({ id, before }) => ({
          fleetId: id,
          currentFleetState: TerminateInstances ? 'deleted_terminating' : 'deleted_running',
          previousFleetState: before,
        })),
        unsuccessfulFleetDeletionSet: unknown.map(({ id, malformed, message }) => ({
          fleetId: id,
          error: { code: malformed ? 'fleetIdMalformed' : 'fleetIdDoesNotExist', message },
        })),
      };
    },
);
