import { Readable } from 'node:stream';
import { EC2Client } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { removeServers } from '../../src/leftovers/verify-servers.ts';

const bake = { node: 'redis', run: 'run-1' };
const instance = (id: string, state: string) =>
  `<item><instancesSet><item><instanceId>${id}</instanceId><instanceState><name>${state}</name></instanceState></item></instancesSet></item>`;
const notFound = (id: string) =>
  `<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no ${id}</Message></Error></Errors></Response>`;

const refusal =
  '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>denied</Message></Error></Errors></Response>';

/** A client of an EC2 that lists these servers, and knows others only after some calls; the calls are written down. */
function ec2Of(
  listed: readonly string[],
  unknownFor: Record<string, number> = {},
  denied: readonly string[] = [],
  volumes: Record<string, string[]> = {},
) {
  const calls: string[] = [];
  const terminated = new Set<string>();
  const answer = (asked: URLSearchParams): [number, string] => {
    const action = asked.get('Action') ?? '';
    const id = asked.get('InstanceId.1') ?? '';
    if (denied.includes(action) && (action !== 'DescribeInstances' || id === '')) return [403, refusal];
    if (action === 'DescribeInstances') {
      // The paginator asks by filter, the waiter by id.
      const ids = id === '' ? listed.filter((one) => !terminated.has(one)) : [id];
      const items = ids.map((one) => instance(one, terminated.has(one) ? 'terminated' : 'running'));
      return [
        200,
        `<DescribeInstancesResponse><reservationSet>${items.join('')}</reservationSet></DescribeInstancesResponse>`,
      ];
    }
    if (action === 'DescribeVolumes') {
      const items = Object.entries(volumes).map(([one, states]) => {
        const state = states.length > 1 ? states.shift() : states[0];
        return `<item><volumeId>${one}</volumeId><status>${state ?? ''}</status></item>`;
      });
      return [
        200,
        `<DescribeVolumesResponse><volumeSet>${items.join('')}</volumeSet></DescribeVolumesResponse>`,
      ];
    }
    calls.push(`${action} ${id || (asked.get('KeyName') ?? asked.get('VolumeId') ?? '')}`);
    if (action !== 'TerminateInstances') return [200, `<${action}Response/>`];
    const left = unknownFor[id] ?? 0;
    unknownFor[id] = left - 1;
    if (left > 0) return [400, notFound(id)];
    terminated.add(id);
    return [200, '<TerminateInstancesResponse/>'];
  };
  const handle = (request: { body: string }) => {
    const [statusCode, body] = answer(new URLSearchParams(request.body));
    return Promise.resolve({ response: { statusCode, headers: {}, body: Readable.from([body]) } });
  };
  const ec2 = new EC2Client({
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: { handle } as never,
  });
  return { ec2, calls, terminated };
}

test('terminates the servers of verify that EC2 lists, and those that it does not list yet', async () => {
  const { ec2, calls, terminated } = ec2Of(['i-1'], { 'i-2': 1 });
  expect(await removeServers(ec2, bake, ['i-1', 'i-2'])).toEqual([]);
  expect([...terminated].sort()).toEqual(['i-1', 'i-2']);
  expect(calls.filter((call) => call === 'TerminateInstances i-2')).toHaveLength(2);
  expect(calls.at(-1)).toBe('DeleteKeyPair bakehouse-proof-redis-run-1');
});

test('terminates the other servers when EC2 does not know one', async () => {
  const { ec2, terminated } = ec2Of(['i-1', 'i-2'], { 'i-1': 99 });
  expect(await removeServers(ec2, bake)).toEqual([]);
  expect([...terminated]).toEqual(['i-2']);
});

test('names each server that may not be terminated, with the reason', async () => {
  const { ec2, calls } = ec2Of(['i-1', 'i-2'], {}, ['TerminateInstances', 'DeleteKeyPair']);
  expect(await removeServers(ec2, bake, ['i-1', 'i-2'])).toEqual([
    'i-1 (denied)',
    'i-2 (denied)',
    'key pair bakehouse-proof-redis-run-1 (denied)',
  ]);
  expect(calls).toEqual([]);
});

test('terminates servers that were just launched also when EC2 refuses the list, and names that', async () => {
  const { ec2, terminated } = ec2Of([], {}, ['DescribeInstances']);
  expect(await removeServers(ec2, bake, ['i-1', 'i-2'])).toEqual([
    'whatever has the tags bakehouse:proof and bakehouse:run=run-1 (denied)',
  ]);
  expect([...terminated].sort()).toEqual(['i-1', 'i-2']);
});

test('deletes the volumes that servers of verify leave behind, once EC2 has detached them', async () => {
  const { ec2, calls } = ec2Of(['i-1'], {}, [], { 'vol-1': ['in-use', 'available'], 'vol-2': ['deleting'] });
  expect(await removeServers(ec2, bake)).toEqual([]);
  expect(calls).toEqual([
    'TerminateInstances i-1',
    'DeleteVolume vol-1',
    'DeleteKeyPair bakehouse-proof-redis-run-1',
  ]);
});
