import { reservationAnswer } from '../answers/instance.ts';
import { write } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';
import { launchFields } from '../instances/launch-fields.ts';
import { planLaunch } from '../instances/launch-plan.ts';
import { putLaunch } from '../instances/launch.ts';

export const runInstances = write(
  launchFields,
  async (given, cloud: Pick<Cloud, 'store' | 'machines' | 'room' | 'now'>) => {
    const { state } = cloud.store;
    const plan = planLaunch(given, state);
    await cloud.room.assert();
    return () => reservationAnswer(putLaunch(cloud, plan), state);
  },
);
