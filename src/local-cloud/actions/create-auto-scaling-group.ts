import { randomUUID } from 'node:crypto';
import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { integer, required, text } from '../api/shapes.ts';
import { firstSettings, readSettings, settingsShape } from '../auto-scaling/group-settings.ts';
import { readSource, sourceShape } from '../auto-scaling/launch-source.ts';
import { validationError } from '../auto-scaling/refusals.ts';
import { readSizes } from '../auto-scaling/sizes.ts';
import type { Cloud } from '../cloud.ts';
import type { AutoScalingGroup } from '../state/auto-scaling.ts';

export const createAutoScalingGroup = write(
  {
    AutoScalingGroupName: required(text),
    MinSize: required(integer),
    MaxSize: required(integer),
    DesiredCapacity: integer,
    ...settingsShape,
    ...sourceShape,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const { AutoScalingGroupName: name } = given;
    if (Object.hasOwn(store.state.autoScalingGroups ?? {}, name)) {
      throw new Fault(
        'AlreadyExists',
        `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
      );
    }
    const source = readSource(given, store.state);
    if (source === undefined) {
      throw validationError(
        'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
      );
    }
    const made: AutoScalingGroup = {
      name,
      uuid: randomUUID(),
      source,
      ...readSizes(given, { minSize: given.MinSize, maxSize: given.MaxSize, desired: given.MinSize }),
      ...readSettings(given, firstSettings, store.state),
      createdAt: now().toISOString(),
      refreshes: [],
    };
    return () => {
      store.change((state) => ((state.autoScalingGroups ??= {})[name] = made));
      return {};
    };
  },
);
