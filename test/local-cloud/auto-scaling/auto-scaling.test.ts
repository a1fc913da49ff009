import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DeleteAutoScalingGroupCommand,
  DeleteLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLaunchConfigurationsCommand,
  paginateDescribeInstanceRefreshes,
  paginateDescribeLaunchConfigurations,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { imageId, startApi, type ApiUnderTest } from '../services-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const launch = (LaunchConfigurationName: string) =>
  new CreateLaunchConfigurationCommand({
    LaunchConfigurationName,
    ImageId: imageId,
    InstanceType: 't3.small',
  });
const zone = { AvailabilityZones: ['us-east-1a'] };
const sizes = { MinSize: 0, MaxSize: 4, ...zone };
const template = (id: string, Version = '1') => ({
  LaunchTemplateId: `lt-0123456789abcdef${id}`,
  Version,
});

describe('launch configurations', () => {
  test('are handed out page by page and by name, with what they launch', async () => {
    for (const number of ['1', '2', '3']) await api.autoScaling.send(launch(`page-${number}`));
    const pages: (string | undefined)[][] = [];
    const paginate = paginateDescribeLaunchConfigurations({ client: api.autoScaling, pageSize: 2 }, {});
    for await (const { LaunchConfigurations = [] } of paginate)
      pages.push(LaunchConfigurations.map(({ LaunchConfigurationName: name }) => name));
    expect(pages).toEqual([['page-1', 'page-2'], ['page-3']]);
    const { LaunchConfigurations } = await api.autoScaling.send(
      new DescribeLaunchConfigurationsCommand({ LaunchConfigurationNames: ['page-2', 'none'] }),
    );
    expect(LaunchConfigurations).toMatchObject([
      {
        LaunchConfigurationName: 'page-2',
        ImageId: imageId,
        InstanceType: 't3.small',
        SecurityGroups: [],
        CreatedTime: expect.any(Date),
      },
    ]);
  });

  test('cannot be deleted while a group uses them', async () => {
    await api.autoScaling.send(launch('used'));
    const group = { AutoScalingGroupName: 'user', LaunchConfigurationName: 'used' };
    await api.autoScaling.send(new CreateAutoScalingGroupCommand({ ...group, ...sizes }));
    const remove = new DeleteLaunchConfigurationCommand({ LaunchConfigurationName: 'used' });
    await expect(api.autoScaling.send(remove)).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    await api.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'user' }));
    await api.autoScaling.send(remove);
    await expect(api.autoScaling.send(remove)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('groups', () => {
  const describeGroup = async (name: string) => {
    const { AutoScalingGroups = [] } = await api.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return AutoScalingGroups[0];
  };

  test('keep a mixed policy with the templates of its overrides, and forget it for a template', async () => {
    const AutoScalingGroupName = 'mixed';
    const LaunchTemplate = {
      LaunchTemplateSpecification: template('1', '$Latest'),
      Overrides: [
        { InstanceType: 'm5.large', WeightedCapacity: '2' },
        { InstanceType: 't3.small', LaunchTemplateSpecification: template('2', '7') },
      ],
    };
    const InstancesDistribution = { OnDemandPercentageAboveBaseCapacity: 50 };
    const MixedInstancesPolicy = { LaunchTemplate, InstancesDistribution };
    await api.autoScaling.send(
      new CreateAutoScalingGroupCommand({ AutoScalingGroupName, MixedInstancesPolicy, ...sizes }),
    );
    const mixed = await describeGroup('mixed');
    expect(mixed).toMatchObject({ MixedInstancesPolicy, MinSize: 0, MaxSize: 4, DesiredCapacity: 0 });
    expect(mixed).toMatchObject({ Instances: [], HealthCheckType: 'EC2' });
    await api.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName,
        LaunchTemplate: { LaunchTemplateName: 'web', Version: '3' },
        MinSize: 2,
      }),
    );
    const updated = await describeGroup('mixed');
    expect(updated?.MixedInstancesPolicy).toBeUndefined();
    expect(updated).toMatchObject({
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '3' },
      DesiredCapacity: 2,
    });
  });

  const asked = { AutoScalingGroupName: 'new', LaunchTemplate: template('1'), ...sizes };
  test.each<[string, Partial<CreateAutoScalingGroupCommandInput>, string, RegExp]>([
    ['no source', { LaunchTemplate: undefined }, 'ValidationError', /either LaunchTemplate/],
    ['two sources', { LaunchConfigurationName: 'page-1' }, 'ValidationError', /either LaunchTempl/],
    [
      'a template by id and name',
      { LaunchTemplate: { ...template('1'), LaunchTemplateName: 'x' } },
      'ValidationError',
      /either launchTemplateId/,
    ],
    [
      'a version that is none',
      { LaunchTemplate: template('1', 'latest') },
      'ValidationError',
      /fully-formed/,
    ],
    ['too many', { DesiredCapacity: 5 }, 'ValidationError', /Desired capacity:5/],
    ['min above max', { MinSize: 5 }, 'ValidationError', /Max bound, 4/],
    ['no zone', { AvailabilityZones: undefined }, 'ValidationError', /At least one Avail/],
    ['another zone', { AvailabilityZones: ['us-east-1b'] }, 'ValidationError', /us-east-1b/],
    ['a name that is taken', { AutoScalingGroupName: 'mixed' }, 'AlreadyExistsFault', /already exists/],
    [
      'no such configuration',
      { LaunchTemplate: undefined, LaunchConfigurationName: 'gone' },
      'ValidationError',
      /gone does not exist/,
    ],
    ['what is not known here', { TargetGroupARNs: ['arn'] }, 'UnsupportedOperation', /TargetGroupARNs/],
  ])('refuse %s', async (_, more, name, message) => {
    await expect(
      api.autoScaling.send(new CreateAutoScalingGroupCommand({ ...asked, ...more })),
    ).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(await describeGroup('new')).toBeUndefined();
  });

  test('are not found under another name, and pages have bounds', async () => {
    await expect(
      api.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'none' })),
    ).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('none') });
    await expect(
      api.autoScaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 101 })),
    ).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining("'101'") });
    await expect(
      api.autoScaling.send(new DescribeAutoScalingGroupsCommand({ NextToken: 'mine' })),
    ).rejects.toMatchObject({ name: 'InvalidNextToken' });
  });
});

describe('instance refreshes', () => {
  const AutoScalingGroupName = 'fresh';
  const of = { AutoScalingGroupName };
  beforeAll(async () => {
    const LaunchTemplate = template('1', '1');
    await api.autoScaling.send(new CreateAutoScalingGroupCommand({ ...of, ...sizes, LaunchTemplate }));
  });
  const start = (DesiredConfiguration = { LaunchTemplate: template('1', '2') }) =>
    api.autoScaling.send(
      new StartInstanceRefreshCommand({
        ...of,
        DesiredConfiguration,
        Preferences: { AutoRollback: true, MinHealthyPercentage: 50 },
      }),
    );
  const cancel = () => api.autoScaling.send(new CancelInstanceRefreshCommand(of));
  const rollBack = () => api.autoScaling.send(new RollbackInstanceRefreshCommand(of));
  const newest = async () => {
    const { InstanceRefreshes = [] } = await api.autoScaling.send(new DescribeInstanceRefreshesCommand(of));
    return InstanceRefreshes[0];
  };

  test('stay in progress until they are cancelled, one at a time', async () => {
    await expect(cancel()).rejects.toMatchObject({ name: 'ActiveInstanceRefreshNotFoundFault' });
    const { InstanceRefreshId } = await start();
    await expect(start()).rejects.toMatchObject({ name: 'InstanceRefreshInProgressFault' });
    expect(await newest()).toMatchObject({
      InstanceRefreshId,
      Status: 'InProgress',
      DesiredConfiguration: { LaunchTemplate: template('1', '2') },
      Preferences: { AutoRollback: true, MinHealthyPercentage: 50 },
      StartTime: expect.any(Date),
    });
    expect(await cancel()).toMatchObject({ InstanceRefreshId });
    expect(await newest()).toMatchObject({ Status: 'Cancelled', EndTime: expect.any(Date) });
  });

  test('can be rolled back to a numbered version only', async () => {
    await start();
    await rollBack();
    expect(await newest()).toMatchObject({
      Status: 'RollbackInProgress',
      RollbackDetails: { RollbackStartTime: expect.any(Date) },
    });
    await expect(rollBack()).rejects.toMatchObject({ name: 'IrreversibleInstanceRefreshFault' });
    await cancel();
    const LaunchTemplate = template('1', '$Latest');
    await api.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, LaunchTemplate }));
    await expect(start()).rejects.toMatchObject({ message: expect.stringContaining('$Latest') });
    await api.autoScaling.send(new StartInstanceRefreshCommand(of));
    await expect(rollBack()).rejects.toMatchObject({ name: 'IrreversibleInstanceRefreshFault' });
    await cancel();
  });

  test('are handed out page by page, the newest first, for a group that exists', async () => {
    const pages: (string | undefined)[][] = [];
    const paginate = paginateDescribeInstanceRefreshes({ client: api.autoScaling, pageSize: 2 }, of);
    for await (const { InstanceRefreshes = [] } of paginate)
      pages.push(InstanceRefreshes.map(({ InstanceRefreshId }) => InstanceRefreshId));
    expect(pages.map(({ length }) => length)).toEqual([2, 1]);
    const ids = api.store.state.autoScalingGroups?.fresh?.refreshes.map(({ id }) => id);
    expect(pages.flat()).toEqual(ids?.toReversed());
    await expect(
      api.autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: 'none' })),
    ).rejects.toMatchObject({ name: 'ValidationError' });
  });
});
