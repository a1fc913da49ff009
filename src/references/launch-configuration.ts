import type { LaunchConfiguration } from '@aws-sdk/client-auto-scaling';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import { requiredImageUses } from './launch-source.ts';
import type { Found } from './reference.ts';

/** A call of Auto Scaling's DescribeLaunchConfigurations. */
export type DescribeLaunchConfigurations = (query: {
  MaxRecords: number;
  NextToken?: string;
}) => Promise<{ LaunchConfigurations?: LaunchConfiguration[] | undefined } & Page>;

const call = 'autoscaling:DescribeLaunchConfigurations';

/** The images and snapshots of all launch configurations, whether a group uses them or not. */
export async function findLaunchConfigurations(describe: DescribeLaunchConfigurations): Promise<Found[]> {
  return collectPages(
    (next) => describe({ MaxRecords: 100, ...next }),
    ({ LaunchConfigurations: configurations }) =>
      configurations?.flatMap((configuration) => {
        const name = known(configuration.LaunchConfigurationName, call, "a launch configuration's name");
        return requiredImageUses(configuration, {
          kind: 'launch-configuration',
          by: `launch configuration ${name}`,
          call,
        });
      }),
    call,
  );
}
