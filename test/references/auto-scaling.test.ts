import { describe, expect, test } from '@jest/globals';
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import {
  listGroups,
  usesOfGroup,
  findRefreshes,
  findLaunchConfigurations,
} from '../../src/references/auto-scaling.ts';
import { awsError, denied, paged } from './fake-calls.ts';

const of = (id: string, Version?: string) => ({
  LaunchTemplateId: id,
  ...(Version !== undefined && { Version }),
});
const group = (over: object) =>
  ({ AutoScalingGroupName: 'web', Instances: [], ...over }) as unknown as AutoScalingGroup;
const brief = ({ pins }: ReturnType<typeof usesOfGroup>) =>
  pins.map(({ template, version, by }) => `${Object.values(template).join()} ${version}: ${by}`);
const byGroup = 'Auto Scaling group web';

describe('launch configurations', () => {
  test('count, each with its image and the snapshots that it maps', async () => {
    const call = paged('LaunchConfigurations', [
      {
        LaunchConfigurationName: 'old',
        ImageId: 'ami-1',
        BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }],
      },
    ]);
    const user = { kind: 'launch-configuration', by: 'launch configuration old' };
    expect(await findLaunchConfigurations(call)).toEqual([
      { id: 'ami-1', ...user },
      { id: 'snap-1', ...user },
    ]);
  });

  test.each([{}, { LaunchConfigurations: [{ LaunchConfigurationName: 'old' }] }])(
    '%j is malformed',
    async (answer) => {
      await expect(findLaunchConfigurations(() => Promise.resolve(answer as never))).rejects.toMatchObject({
        problem: 'malformed',
        message: expect.stringContaining('autoscaling:DescribeLaunchConfigurations'),
      });
    },
  );
});

describe('Auto Scaling groups', () => {
  test.each([
    ['a launch template', { LaunchTemplate: of('lt-1', '3') }, [`lt-1 3: ${byGroup}`]],
    ['the default version, unsaid', { LaunchTemplate: of('lt-1') }, [`lt-1 $Default: ${byGroup}`]],
    [
      'mixed instances',
      {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: of('lt-1', '1'),
            Overrides: [{ InstanceType: 'm6g.large', LaunchTemplateSpecification: of('lt-arm', '2') }, {}],
          },
        },
      },
      [`lt-1 1: ${byGroup}`, `lt-arm 2: ${byGroup}`],
    ],
    [
      'what its instances run, each version once',
      {
        LaunchTemplate: of('lt-1', '$Latest'),
        Instances: [{ LaunchTemplate: of('lt-1', '7') }, { LaunchTemplate: of('lt-1', '7') }, {}],
      },
      [`lt-1 $Latest: ${byGroup}`, `lt-1 7: instances of ${byGroup}`],
    ],
    ['nothing of their own with a launch configuration', { LaunchConfigurationName: 'old' }, []],
  ])('pin %s', (_, over, expected) => {
    expect(brief(usesOfGroup(group(over)))).toEqual(expected);
  });

  test('use the image that an override names', () => {
    const LaunchTemplate = { LaunchTemplateSpecification: of('lt-1'), Overrides: [{ ImageId: 'ami-1' }] };
    expect(usesOfGroup(group({ MixedInstancesPolicy: { LaunchTemplate } })).found).toEqual([
      { id: 'ami-1', kind: 'auto-scaling-group', by: byGroup },
    ]);
  });

  test.each([
    ['a name', { AutoScalingGroupName: undefined }],
    ['anything to launch', {}],
    ['its instances', { LaunchConfigurationName: 'old', Instances: undefined }],
    ['a template in its policy', { MixedInstancesPolicy: { LaunchTemplate: {} } }],
  ])('one without %s is malformed', (_, over) => {
    expect(() => usesOfGroup(group(over))).toThrow(/autoscaling:DescribeAutoScalingGroups/);
  });

  test('are listed page by page; a denied list is not an empty one', async () => {
    expect(await listGroups(paged('AutoScalingGroups', [group({}), group({})]))).toHaveLength(2);
    await expect(listGroups(denied('autoscaling:DescribeAutoScalingGroups'))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('autoscaling:DescribeAutoScalingGroups'),
    });
  });
});

describe('instance refreshes', () => {
  const web = group({ LaunchTemplate: of('lt-1', '1') });
  const refresh = (Status: string) => ({
    InstanceRefreshId: 'r-1',
    Status,
    DesiredConfiguration: { LaunchTemplate: of('lt-1', '2') },
  });

  test.each(['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking', 'New'])(
    'that are %s pin what they bring in and what they would go back to',
    async (status) => {
      const call = paged('InstanceRefreshes', [refresh(status)]);
      expect(brief(await findRefreshes([web], call))).toEqual([
        'lt-1 2: instance refresh r-1 of Auto Scaling group web',
        'lt-1 1: a rollback of instance refresh r-1 of Auto Scaling group web',
      ]);
      expect(call.asked[0]).toEqual({ AutoScalingGroupName: 'web', MaxRecords: 100 });
    },
  );

  test.each(['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful'])(
    'that are %s pin nothing',
    async (status) => {
      const uses = await findRefreshes([web], paged('InstanceRefreshes', [refresh(status)]));
      expect(uses).toEqual({ found: [], pins: [] });
    },
  );

  test('of a group that was deleted in between pin nothing; any other refusal is thrown', async () => {
    const gone = awsError('ValidationError', 'AutoScalingGroup name not found - null');
    expect(await findRefreshes([web], () => Promise.reject(gone))).toEqual({ found: [], pins: [] });
    const other = awsError('ValidationError', 'MaxRecords is too big');
    await expect(findRefreshes([web], () => Promise.reject(other))).rejects.toThrow('too big');
  });

  test.each([{}, { InstanceRefreshes: [{ InstanceRefreshId: 'r-1' }] }])(
    '%j is malformed',
    async (answer) => {
      await expect(findRefreshes([web], () => Promise.resolve(answer))).rejects.toMatchObject({
        problem: 'malformed',
        message: expect.stringContaining('autoscaling:DescribeInstanceRefreshes'),
      });
    },
  );
});
