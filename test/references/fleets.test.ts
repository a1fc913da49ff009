import { describe, expect, test } from '@jest/globals';
import { findFleets, findSpotRequests } from '../../src/references/instances.ts';
import { denied, paged, fakeCalls } from './fake-calls.ts';

const template = { LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '4' } };
const fleet = (FleetState: string, LaunchTemplateConfigs: object[] = [template]) => ({
  FleetId: 'fleet-1',
  FleetState,
  LaunchTemplateConfigs,
});
const spotFleet = (SpotFleetRequestState: string, SpotFleetRequestConfig: object) => ({
  SpotFleetRequestId: 'sfr-1',
  SpotFleetRequestState,
  SpotFleetRequestConfig,
});
const spot = (State: string) => ({
  SpotInstanceRequestId: 'sir-1',
  State,
  LaunchSpecification: { ImageId: 'ami-1', BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }] },
});

describe('spot requests', () => {
  test.each(['open', 'active', 'disabled', 'some-new-one'])('that are %s count', async (state) => {
    const user = { kind: 'spot-request', by: `spot request sir-1 (${state})` };
    expect(await findSpotRequests(paged('SpotInstanceRequests', [spot(state)]))).toEqual([
      { id: 'ami-1', ...user },
      { id: 'snap-1', ...user },
    ]);
  });

  test.each(['closed', 'cancelled', 'failed'])('that are %s do not count', async (state) => {
    expect(await findSpotRequests(paged('SpotInstanceRequests', [spot(state)]))).toEqual([]);
  });

  test.each([
    {},
    { SpotInstanceRequests: [{ State: 'open' }] },
    { SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-1' }] },
    { SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-1', State: 'open' as const }] },
  ])('%j is malformed', async (answer) => {
    await expect(findSpotRequests(() => Promise.resolve(answer as never))).rejects.toMatchObject({
      problem: 'malformed',
      message: expect.stringContaining('ec2:DescribeSpotInstanceRequests'),
    });
  });
});

describe('fleets', () => {
  test.each(['submitted', 'active', 'modifying', 'some-new-one'])(
    'that are %s pin and use',
    async (state) => {
      const overrides = { ...template, Overrides: [{ ImageId: 'ami-1' }, { InstanceType: 'm6g.large' }] };
      const by = `EC2 Fleet fleet-1 (${state})`;
      const describeFleets = paged('Fleets', [fleet(state, [overrides])]);
      expect(await findFleets(fakeCalls({ describeFleets }))).toEqual({
        pins: [{ template: { id: 'lt-1' }, version: '4', kind: 'fleet', by }],
        found: [{ id: 'ami-1', kind: 'fleet', by }],
      });
    },
  );

  test.each(['failed', 'deleted', 'deleted_running', 'deleted_terminating'])(
    'that are %s do neither',
    async (state) => {
      const describeFleets = paged('Fleets', [fleet(state)]);
      expect(await findFleets(fakeCalls({ describeFleets }))).toEqual({ pins: [], found: [] });
    },
  );

  test('of the older kind name images or templates', async () => {
    const by = 'Spot Fleet sfr-1 (active)';
    const describeSpotFleetRequests = paged('SpotFleetRequestConfigs', [
      spotFleet('active', { LaunchSpecifications: [{ ImageId: 'ami-1' }], LaunchTemplateConfigs: [] }),
      spotFleet('active', { LaunchTemplateConfigs: [template] }),
      spotFleet('cancelled_running', { LaunchSpecifications: [{ ImageId: 'ami-2' }] }),
    ]);
    expect(await findFleets(fakeCalls({ describeSpotFleetRequests }))).toEqual({
      found: [{ id: 'ami-1', kind: 'fleet', by }],
      pins: [{ template: { id: 'lt-1' }, version: '4', kind: 'fleet', by }],
    });
  });

  test.each([
    ['describeFleets', 'ec2:DescribeFleets', {}],
    ['describeFleets', 'ec2:DescribeFleets', { Fleets: [{ FleetId: 'fleet-1', FleetState: 'active' }] }],
    ['describeFleets', 'ec2:DescribeFleets', { Fleets: [fleet('active', [{}])] }],
    ['describeSpotFleetRequests', 'ec2:DescribeSpotFleetRequests', {}],
    [
      'describeSpotFleetRequests',
      'ec2:DescribeSpotFleetRequests',
      { SpotFleetRequestConfigs: [spotFleet('active', {})] },
    ],
  ])('%s that answers malformed names %s: %j', async (name, action, answer) => {
    await expect(findFleets(fakeCalls({ [name]: () => Promise.resolve(answer) }))).rejects.toMatchObject({
      problem: 'malformed',
      message: expect.stringContaining(action),
    });
  });

  test('that may not be listed are not none', async () => {
    const describeFleets = denied('ec2:DescribeFleets');
    await expect(findFleets(fakeCalls({ describeFleets }))).rejects.toThrow('ec2:DescribeFleets');
  });
});
