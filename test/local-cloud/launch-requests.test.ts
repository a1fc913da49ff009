import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  CancelSpotFleetRequestsCommand,
  CancelSpotInstanceRequestsCommand,
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DeleteFleetsCommand,
  DescribeFleetsCommand,
  DescribeInstancesCommand,
  DescribeSpotFleetRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeTagsCommand,
  paginateDescribeSpotInstanceRequests,
  RequestSpotFleetCommand,
  RequestSpotInstancesCommand,
  type CreateFleetCommandInput,
  type SpotFleetRequestConfigData,
} from '@aws-sdk/client-ec2';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await serveApi();
  const LaunchTemplateData = { ImageId: api.debian };
  await api.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'base', LaunchTemplateData }));
});
afterAll(async () => {
  expect((await api.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  await api.close();
});

const uuid = '01234567-89ab-cdef-0123-456789abcdef';
const tagged = <T extends string>(ResourceType: T) => [
  { ResourceType, Tags: [{ Key: 'for', Value: 'test' }] },
];

test('spot requests stay open with what they would launch, until they are cancelled', async () => {
  const { SpotInstanceRequests = [] } = await api.ec2.send(
    new RequestSpotInstancesCommand({
      InstanceCount: 6,
      SpotPrice: '0.05',
      Type: 'persistent',
      LaunchSpecification: {
        ImageId: api.debian,
        InstanceType: 't3.small',
        SecurityGroups: ['redis'],
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 9 } }],
      },
      TagSpecifications: tagged('spot-instances-request'),
    }),
  );
  const ids = SpotInstanceRequests.map(({ SpotInstanceRequestId = '' }) => SpotInstanceRequestId);
  const [first = ''] = ids;
  await api.ec2.send(new CreateTagsCommand({ Resources: [first], Tags: [{ Key: 'one', Value: '1' }] }));
  const find = async (Name: string, ...Values: string[]) =>
    (await api.ec2.send(new DescribeSpotInstanceRequestsCommand({ Filters: [{ Name, Values }] })))
      .SpotInstanceRequests ?? [];
  expect(await find('tag:one', '1')).toMatchObject([
    {
      SpotInstanceRequestId: first,
      State: 'open',
      Type: 'persistent',
      Status: { Code: 'capacity-not-available' },
      LaunchSpecification: {
        ImageId: api.debian,
        InstanceType: 't3.small',
        SecurityGroups: [{ GroupName: 'redis' }],
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 9 } }],
      },
    },
  ]);
  const pages = [];
  for await (const page of paginateDescribeSpotInstanceRequests({ client: api.ec2, pageSize: 5 }, {}))
    pages.push(page.SpotInstanceRequests?.length);
  expect(pages).toEqual([5, 1]);
  await api.ec2.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [first] }));
  expect(await find('state', 'cancelled')).toMatchObject([{ SpotInstanceRequestId: first }]);
  expect(await find('launch.image-id', api.debian)).toHaveLength(6);
});

test('spot fleets are remembered with their specifications or templates', async () => {
  const request = async (config: Partial<SpotFleetRequestConfigData>) => {
    const SpotFleetRequestConfig = {
      IamFleetRole: 'arn:aws:iam::123456789012:role/f',
      TargetCapacity: 2,
      ...config,
    };
    const answer = await api.ec2.send(new RequestSpotFleetCommand({ SpotFleetRequestConfig }));
    return answer.SpotFleetRequestId ?? 'none';
  };
  const LaunchSpecifications = [
    { ImageId: api.debian, InstanceType: 't3.small' as const, WeightedCapacity: 2 },
  ];
  const plain = await request({ LaunchSpecifications, TagSpecifications: tagged('spot-fleet-request') });
  const LaunchTemplateConfigs = [
    {
      LaunchTemplateSpecification: { LaunchTemplateName: 'base', Version: '$Latest' },
      Overrides: [{ InstanceType: 't3.small' as const }],
    },
  ];
  const templated = await request({ LaunchTemplateConfigs });
  const show = async (...SpotFleetRequestIds: string[]) =>
    (await api.ec2.send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds })))
      .SpotFleetRequestConfigs;
  expect(await show(plain)).toMatchObject([
    {
      SpotFleetRequestState: 'active',
      SpotFleetRequestConfig: { TargetCapacity: 2, LaunchSpecifications },
      Tags: [{ Key: 'for' }],
    },
  ]);
  expect(await show(templated)).toMatchObject([{ SpotFleetRequestConfig: { LaunchTemplateConfigs } }]);
  const cancelled = await api.ec2.send(
    new CancelSpotFleetRequestsCommand({
      SpotFleetRequestIds: [plain, `sfr-${uuid}`, 'sfr-x'],
      TerminateInstances: true,
    }),
  );
  expect(cancelled.SuccessfulFleetRequests).toMatchObject([{ PreviousSpotFleetRequestState: 'active' }]);
  expect(cancelled.UnsuccessfulFleetRequests?.map((one) => one.Error?.Code)).toEqual([
    'fleetRequestIdDoesNotExist',
    'fleetRequestIdMalformed',
  ]);
  expect(await show(plain)).toMatchObject([{ SpotFleetRequestState: 'cancelled' }]);
  await expect(request({})).rejects.toMatchObject({ name: 'InvalidSpotFleetRequestConfig' });
});

const fleetOf = (rest: Partial<CreateFleetCommandInput> = {}): CreateFleetCommandInput => ({
  LaunchTemplateConfigs: [
    {
      LaunchTemplateSpecification: { LaunchTemplateName: 'base', Version: '1' },
      Overrides: [{ ImageId: 'ami-00000009', InstanceType: 't3.small' }],
    },
  ],
  TargetCapacitySpecification: { TotalTargetCapacity: 3, DefaultTargetCapacityType: 'spot' },
  ...rest,
});

test('fleets are remembered with their templates and what they lay over them', async () => {
  const { FleetId = '' } = await api.ec2.send(
    new CreateFleetCommand(fleetOf({ TagSpecifications: tagged('fleet') })),
  );
  const byState = async (state: string) =>
    (await api.ec2.send(new DescribeFleetsCommand({ Filters: [{ Name: 'fleet-state', Values: [state] }] })))
      .Fleets;
  expect(await byState('active')).toMatchObject([
    {
      FleetId,
      Type: 'maintain',
      LaunchTemplateConfigs: fleetOf().LaunchTemplateConfigs,
      TargetCapacitySpecification: {
        TotalTargetCapacity: 3,
        SpotTargetCapacity: 3,
        OnDemandTargetCapacity: 0,
      },
    },
  ]);
  const { Tags } = await api.ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [FleetId] }] }),
  );
  expect(Tags).toMatchObject([{ ResourceType: 'fleet', Key: 'for' }]);
  const deleted = await api.ec2.send(
    new DeleteFleetsCommand({ FleetIds: [FleetId, `fleet-${uuid}`], TerminateInstances: true }),
  );
  expect(deleted.SuccessfulFleetDeletions).toMatchObject([{ CurrentFleetState: 'deleted_terminating' }]);
  expect(deleted.UnsuccessfulFleetDeletions).toMatchObject([{ Error: { Code: 'fleetIdDoesNotExist' } }]);
  expect(await byState('active')).toEqual([]);
  expect(await byState('deleted')).toHaveLength(1);
});

test.each<[string, () => Promise<unknown>]>([
  [
    'InvalidSpotInstanceRequestID.NotFound',
    () => api.ec2.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: ['sir-abcdefgh'] })),
  ],
  [
    'InvalidSpotFleetRequestId.NotFound',
    () => api.ec2.send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [`sfr-${uuid}`] })),
  ],
  ['InvalidFleetId.NotFound', () => api.ec2.send(new DescribeFleetsCommand({ FleetIds: [`fleet-${uuid}`] }))],
  [
    'InvalidAMIID.NotFound',
    () => api.ec2.send(new RequestSpotInstancesCommand({ LaunchSpecification: { ImageId: 'ami-00000000' } })),
  ],
  ['UnsupportedOperation', () => api.ec2.send(new CreateFleetCommand(fleetOf({ Type: 'instant' })))],
  ['DryRunOperation', () => api.ec2.send(new CreateFleetCommand(fleetOf({ DryRun: true })))],
  ['UnauthorizedOperation', () => api.readonly.send(new CreateFleetCommand(fleetOf()))],
])('%s is answered where EC2 does', async (name, call) => {
  await expect(call()).rejects.toMatchObject({ name });
});
