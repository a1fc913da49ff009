import { reservationAnswer } from '../answers/instance.ts';
import { write } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';
import { launchShape, planLaunch } from '../instances/launch-plan.ts';
import { putLaunch } from '../instances/launch.ts';

export const runInstances = write(
  launchShape,
  async (given, cloud: Pick<Cloud, 'store' | 'machines' | 'room' | 'now'>) => {
    const { state } = cloud.store;
    const plan = planLaunch(given, state);
    await cloud.room.assert();
    return () => reservationAnswer(putLaunch(cloud, plan), state);
  },
);
