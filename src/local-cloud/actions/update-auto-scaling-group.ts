import { write } from '../api/action.ts';
import { integer, required, text } from '../api/shapes.ts';
import { readSettings, settingsShape } from '../auto-scaling/group-settings.ts';
import { readSource, sourceShape } from '../auto-scaling/launch-source.ts';
import { findGroup } from '../auto-scaling/records.ts';
import { readSizes } from '../auto-scaling/sizes.ts';
import type { Cloud } from '../cloud.ts';

export const updateAutoScalingGroup = write(
  {
    AutoScalingGroupName: required(text),
    MinSize: integer,
    MaxSize: integer,
    DesiredCapacity: integer,
    ...settingsShape,
    ...sourceShape,
  },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const before = findGroup(store.state, given.AutoScalingGroupName);
    const changed = {
      source: readSource(given, store.state) ?? before.source,
      ...readSizes(given, before),
      ...readSettings(given, before, store.state),
    };
    return () => {
      store.change((state) => Object.assign(findGroup(state, before.name), changed));
      return {};
    };
  },
);
