import { read } from '../api/action.ts';
import { list, text } from '../api/shapes.ts';
import { cutRecords, recordsShape } from '../auto-scaling/pages.ts';
import { named } from '../auto-scaling/records.ts';
import type { Cloud } from '../cloud.ts';

export const describeLaunchConfigurations = read(
  { LaunchConfigurationNames: list(text), ...recordsShape },
  ({ LaunchConfigurationNames, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const all = named(state.launchConfigurations, LaunchConfigurationNames);
    const found = cutRecords(all, ({ name }) => name, page);
    return {
      LaunchConfigurations: found.page.map((made) => ({
        LaunchConfigurationName: made.name,
        LaunchConfigurationARN: `arn:aws:autoscaling:${state.account.region}:${state.account.id}:launchConfiguration:${made.uuid}:launchConfigurationName/${made.name}`,
        ImageId: made.imageId,
        KeyName: made.keyName ?? '',
        SecurityGroups: made.groups,
        ClassicLinkVPCSecurityGroups: [],
        UserData: made.userData,
        InstanceType: made.instanceType,
        KernelId: '',
        RamdiskId: '',
        BlockDeviceMappings: [],
        InstanceMonitoring: { Enabled: made.monitored },
        SpotPrice: made.spotPrice,
        IamInstanceProfile: made.instanceProfile,
        CreatedTime: new Date(made.createdAt),
        EbsOptimized: made.ebsOptimized,
        AssociatePublicIpAddress: made.publicAddress,
      })),
      NextToken: found.nextToken,
    };
  },
);
