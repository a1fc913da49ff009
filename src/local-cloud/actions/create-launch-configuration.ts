import { randomUUID } from 'node:crypto';
import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { blob, flag, group, list, required, text } from '../api/shapes.ts';
import { launchConfiguration } from '../auto-scaling/records.ts';
import { validationError } from '../auto-scaling/refusals.ts';
import type { Cloud } from '../cloud.ts';
import type { LaunchConfiguration } from '../state/auto-scaling.ts';

export const createLaunchConfiguration = write(
  {
    LaunchConfigurationName: required(text),
    ImageId: required(text),
    InstanceType: required(text),
    KeyName: text,
    SecurityGroups: list(text),
    UserData: blob,
    SpotPrice: text,
    IamInstanceProfile: text,
    EbsOptimized: flag,
    InstanceMonitoring: group({ Enabled: flag }),
    AssociatePublicIpAddress: flag,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const { LaunchConfigurationName: name, ImageId: imageId, AssociatePublicIpAddress } = given;
    if (launchConfiguration(store.state, name) !== undefined) {
      throw new Fault(
        'AlreadyExists',
        `Launch Configuration by this name already exists - A launch configuration already exists with the name ${name}`,
      );
    }
    if (!Object.hasOwn(store.state.images, imageId)) {
      throw validationError(`AMI ${imageId} is invalid: The image id '[${imageId}]' does not exist`);
    }
    const made: LaunchConfiguration = {
      name,
      uuid: randomUUID(),
      imageId,
      instanceType: given.InstanceType,
      ...(given.KeyName === undefined ? {} : { keyName: given.KeyName }),
      groups: given.SecurityGroups,
      userData: given.UserData ?? '',
      ...(given.SpotPrice === undefined ? {} : { spotPrice: given.SpotPrice }),
      ...(given.IamInstanceProfile === undefined ? {} : { instanceProfile: given.IamInstanceProfile }),
      ebsOptimized: given.EbsOptimized ?? false,
      monitored: given.InstanceMonitoring?.Enabled ?? true,
      ...(AssociatePublicIpAddress === undefined ? {} : { publicAddress: AssociatePublicIpAddress }),
      createdAt: now().toISOString(),
    };
    return () => {
      store.change((state) => ((state.launchConfigurations ??= {})[name] = made));
      return {};
    };
  },
);
