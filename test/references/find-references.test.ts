import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { findReferences } from '../../src/references/find-references.ts';
import type { ReferenceCalls } from '../../src/references/reference-calls.ts';
import { type ReferenceKind, referenceKinds } from '../../src/references/reference.ts';
import { denied, fakeCalls, paged, templates, version } from './fake-calls.ts';

const options = (...ignored: ReferenceKind[]) => ({ ignore: new Set(ignored), allTemplateVersions: false });
const group = (Version: string) =>
  ({
    AutoScalingGroupName: 'web',
    Instances: [],
    LaunchTemplate: { LaunchTemplateId: 'lt-0a', Version },
  }) as unknown as AutoScalingGroup;
const web = (Version: string): Partial<ReferenceCalls> => ({
  describeAutoScalingGroups: paged('AutoScalingGroups', [group(Version)]),
  describeLaunchTemplateVersions: templates([version(1), version(2, { DefaultVersion: true }), version(3)]),
});

describe('the references of a region', () => {
  test('are empty where nothing is', async () => {
    expect(await findReferences(fakeCalls(), options())).toEqual(new Map());
  });

  test('hold the version that a group pins beside the default and the latest', async () => {
    const references = await findReferences(fakeCalls(web('1')), options());
    expect([...references].map(([id, users]) => [id, users.map(({ kind }) => kind)])).toEqual([
      ['ami-a3', ['launch-template']],
      ['ami-a2', ['launch-template']],
      ['ami-a1', ['auto-scaling-group']],
    ]);
  });

  test('say both when a pinned version is the default', async () => {
    const references = await findReferences(fakeCalls(web('2')), options());
    expect(references.get('ami-a2')?.map(({ by }) => by)).toEqual([
      'launch template web (lt-0a) version 2 (default)',
      'launch template web (lt-0a) version 2 (pinned by Auto Scaling group web)',
    ]);
  });

  test.each([
    ['1', 'ami-a1'],
    ['$Latest', 'ami-a3'],
    ['$Default', 'ami-a2'],
  ])('hold what a group launches when templates are ignored: %s', async (named, image) => {
    const references = await findReferences(fakeCalls(web(named)), options('launch-template'));
    expect([...references.keys()]).toEqual([image]);
  });

  test('leave out the pins of an ignored kind', async () => {
    const calls = fakeCalls(web('1'));
    const references = await findReferences(calls, options('auto-scaling-group', 'instance-refresh'));
    expect(references.has('ami-a1')).toBe(false);
    expect(calls.called).not.toContain('describeAutoScalingGroups');
  });

  test('hold the image behind a parameter that a template names', async () => {
    const data = { LaunchTemplateData: { ImageId: 'resolve:ssm:/web:3' }, DefaultVersion: true };
    const references = await findReferences(
      fakeCalls({
        describeLaunchTemplateVersions: templates([version(1, data)]),
        getParameters: () =>
          Promise.resolve({ Parameters: [{ Name: '/web', Selector: ':3', Value: 'ami-12345678' }] }),
      }),
      options(),
    );
    expect(references.get('ami-12345678')?.map(({ by }) => by)).toEqual([
      'launch template web (lt-0a) version 1 (default, latest) by parameter /web:3',
    ]);
  });

  test.each<[ReferenceKind, string[]]>([
    ['instance', ['describeInstances']],
    ['launch-template', ['describeLaunchTemplateVersions']],
    ['launch-configuration', ['describeLaunchConfigurations']],
    ['instance-refresh', ['describeInstanceRefreshes']],
    ['spot-request', ['describeSpotInstanceRequests']],
    ['fleet', ['describeFleets', 'describeSpotFleetRequests']],
    ['ssm-parameter', ['describeParameters']],
  ])('make no look-up for an ignored %s', async (kind, names) => {
    const describeAutoScalingGroups = paged('AutoScalingGroups', [
      { ...group('1'), LaunchTemplate: undefined, LaunchConfigurationName: 'old' },
    ]) as never;
    const all = fakeCalls({ describeAutoScalingGroups });
    await findReferences(all, options());
    expect(all.called).toEqual(expect.arrayContaining(names));
    const some = fakeCalls({ describeAutoScalingGroups });
    await findReferences(some, options(kind));
    expect(some.called.filter((name) => names.includes(name))).toEqual([]);
  });

  test('need no call at all when all is ignored', async () => {
    const calls = fakeCalls();
    expect(await findReferences(calls, options(...referenceKinds))).toEqual(new Map());
    expect(calls.called).toEqual([]);
  });

  test('fail with the first error, once nothing is pending', async () => {
    let pending = 1;
    const slow = async () => {
      await pause(30);
      pending--;
      throw new Error('the second');
    };
    const describeFleets = denied('ec2:DescribeFleets');
    await expect(
      findReferences(fakeCalls({ describeFleets, describeParameters: slow }), options()),
    ).rejects.toThrow('ec2:DescribeFleets');
    expect(pending).toBe(0);
  });
});
