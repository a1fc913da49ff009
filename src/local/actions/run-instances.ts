import { reservationAnswer } from '../answers/instance.ts';
import { write } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';
import { launchShape, planLaunch } from '../instances/launch-plan.ts';
import { putLaunch } from '../instances/launch.ts';

export const runInstances = write(
  launchShape,
  async (given, cloud: Pick<Cloud, 'store' | 'machines' | 'room' | 'now'>) => {
    const { state } = cloud.store;
    // The same request again, after an answer that got lost: the same instances.
    const before = Object.values(state.instances).filter(
      ({ clientToken }) => given.ClientToken !== undefined && clientToken === given.ClientToken,
    );
    if (before.length > 0) return () => reservationAnswer(before, state);
    const plan = planLaunch(given, state);
    await cloud.room.assert();
    return () => reservationAnswer(putLaunch(cloud, plan), state);
  },
);
