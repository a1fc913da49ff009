import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { required, text } from '../api/shapes.ts';
import { launchConfiguration } from '../auto-scaling/records.ts';
import { validationError } from '../auto-scaling/refusals.ts';
import type { Cloud } from '../cloud.ts';

export const deleteLaunchConfiguration = write(
  { LaunchConfigurationName: required(text) },
  ({ LaunchConfigurationName: name }, { store }: Pick<Cloud, 'store'>) => {
    if (launchConfiguration(store.state, name) === undefined) {
      throw validationError(`Launch configuration name not found - Launch configuration ${name} not found`);
    }
    const user = Object.values(store.state.autoScalingGroups ?? {}).find(
      ({ source }) => source.kind === 'configuration' && source.name === name,
    );
    if (user !== undefined) {
      throw new Fault(
        'ResourceInUse',
        `Cannot delete launch configuration ${name} because it is attached to AutoScalingGroup ${user.name}`,
      );
    }
    return () => {
      store.release((state) => Reflect.deleteProperty(state.launchConfigurations ?? {}, name));
      return {};
    };
  },
);
