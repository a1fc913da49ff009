import { randomUUID } from 'node:crypto';
import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { flag, group, integer, oneOf, required, text } from '../api/shapes.ts';
import { defined, readSource, templatesShape } from '../auto-scaling/launch-source.ts';
import { activeRefresh, findGroup } from '../auto-scaling/records.ts';
import { validationError } from '../auto-scaling/refusals.ts';
import { noRollback } from '../auto-scaling/rollback.ts';
import type { Cloud } from '../cloud.ts';
import type { InstanceRefresh } from '../state/auto-scaling.ts';

export const startInstanceRefresh = write(
  {
    AutoScalingGroupName: required(text),
    Strategy: oneOf('Rolling'),
    DesiredConfiguration: group(templatesShape),
    Preferences: group({
      MinHealthyPercentage: integer,
      MaxHealthyPercentage: integer,
      InstanceWarmup: integer,
      SkipMatching: flag,
      AutoRollback: flag,
      ScaleInProtectedInstances: oneOf('Refresh', 'Ignore', 'Wait'),
      StandbyInstances: oneOf('Terminate', 'Ignore', 'Wait'),
      BakeTime: integer,
    }),
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const { name, source, ...rest } = findGroup(store.state, given.AutoScalingGroupName);
    if (activeRefresh({ name, source, ...rest }) !== undefined) {
      throw new Fault(
        'InstanceRefreshInProgress',
        'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
      );
    }
    const desired = readSource(given.DesiredConfiguration ?? {}, store.state);
    const why = noRollback(source, desired);
    if (given.Preferences?.AutoRollback === true && why !== undefined)
      throw validationError(`AutoRollback cannot be used: ${why}`);
    const made: InstanceRefresh = {
      id: randomUUID(),
      status: 'InProgress',
      startedAt: now().toISOString(),
      ...(desired === undefined ? {} : { desired }),
      preferences: defined<string | number | boolean>(given.Preferences ?? {}),
    };
    return () => {
      store.change((state) => findGroup(state, name).refreshes.push(made));
      return { InstanceRefreshId: made.id };
    };
  },
);
