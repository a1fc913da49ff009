import { describe, expect, test } from '@jest/globals';
import { findInstances } from '../../src/references/instances.ts';
import { denied, paged } from './fake-calls.ts';

const reservation = (instance: object) => ({ Instances: [instance] });
const instance = (id: string, state: string, image?: string) =>
  reservation({ InstanceId: id, State: { Name: state }, ...(image !== undefined && { ImageId: image }) });

describe('instances', () => {
  test('use their image in every state but terminated, on every page', async () => {
    const call = paged('Reservations', [
      instance('i-1', 'running', 'ami-1'),
      instance('i-2', 'terminated', 'ami-2'),
      instance('i-3', 'stopped', 'ami-3'),
      instance('i-4', 'hibernating-some-day', 'ami-3'),
    ]);
    expect(await findInstances(call)).toEqual([
      { id: 'ami-1', kind: 'instance', by: 'instance i-1 (running)' },
      { id: 'ami-3', kind: 'instance', by: 'instance i-3 (stopped)' },
      { id: 'ami-3', kind: 'instance', by: 'instance i-4 (hibernating-some-day)' },
    ]);
    expect(call.asked).toHaveLength(5);
  });

  test('can be asked for by their image', async () => {
    const call = paged('Reservations', []);
    await findInstances(call, 'ami-1');
    expect(call.asked).toEqual([{ Filters: [{ Name: 'image-id', Values: ['ami-1'] }], MaxResults: 500 }]);
  });

  test.each([
    ['no list', {}],
    ['a reservation without instances', { Reservations: [{}] }],
    [
      'an instance without an id',
      { Reservations: [reservation({ State: { Name: 'running' }, ImageId: 'ami-1' })] },
    ],
    ['an instance without a state', { Reservations: [reservation({ InstanceId: 'i-1', ImageId: 'ami-1' })] }],
    ['an instance without an image', { Reservations: [instance('i-1', 'running')] }],
  ])('an answer with %s is malformed', async (_, answer) => {
    await expect(findInstances(() => Promise.resolve(answer))).rejects.toMatchObject({
      problem: 'malformed',
      exitCode: 4,
      message: expect.stringContaining('ec2:DescribeInstances'),
    });
  });

  test('a denied look-up is not an empty one', async () => {
    await expect(findInstances(denied('ec2:DescribeInstances'))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('ec2:DescribeInstances'),
    });
  });
});
