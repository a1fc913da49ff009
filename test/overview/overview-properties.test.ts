import { expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { readOverview } from '../../src/overview/read-overview.ts';
import { fc, runs } from '../runs.ts';
import { leftover } from '../leftovers/leftovers.ts';
import { bakeOf, copyOf, memoryAccount, other, own, redis, snapshotsOf } from './account.ts';

const [old, recent] = [
  bakeOf('redis', 'ami-00000001', 48, { promotedMs: 1 }),
  bakeOf('redis', 'ami-00000002', 2),
];
const copies = [copyOf(old, 'ami-c0000001'), copyOf(recent, 'ami-c0000002')];
const regions = {
  [own]: {
    ...{ images: [old, recent], snapshots: snapshotsOf([old, recent]) },
    references: [{ id: old.id, kind: 'instance' as const, by: 'instance i-1' }],
    parameters: { '/images/redis': old.id },
  },
  [other]: {
    ...{ images: copies, snapshots: snapshotsOf(copies), parameters: { '/images/redis': 'ami-c0000001' } },
    references: [{ id: 'ami-c0000001', kind: 'instance' as const, by: 'instance i-2' }],
  },
};
const request = { nodes: [redis], reports: '/nowhere', plan: undefined, archive: undefined };
const problem = fc.constantFrom(
  new CloudError('denied', 'X was denied', new Error('no')),
  new CloudError('unreachable', 'X cannot be reached', new Error('no')),
  Object.assign(new Error('other'), { name: 'SomethingElse', $metadata: {} }),
);
const failing = (calls: string[]) =>
  fc.subarray(calls).chain((chosen) => fc.record(Object.fromEntries(chosen.map((call) => [call, problem]))));

test('whatever fails is a sentence and shown as not known, and all else is as if nothing had failed', async () => {
  const whole = await readOverview(request, memoryAccount(regions).account);
  expect(whole.problems).toEqual([]);
  await fc.assert(
    fc.asyncProperty(
      failing(['snapshots', 'references', 'parameters', 'resources', 'account']),
      failing(['connect', 'images', 'snapshots', 'references', 'parameters']),
      async (here, there) => {
        const { account } = memoryAccount(regions, { [own]: here, [other]: there });
        const overview = await readOverview(request, account);
        const isAway = 'connect' in there || 'images' in there;
        const [node] = overview.nodes;
        expect(overview.problems.length > 0).toBe(Object.keys({ ...here, ...there }).length > 0);
        const unknownIn = [
          ...('references' in here ? [own] : []),
          ...(isAway || 'references' in there ? [other] : []),
        ];
        for (const [index, image] of (node?.images ?? []).entries()) {
          expect(image.usersUnknownIn).toEqual(unknownIn);
          const before = whole.nodes[0]?.images[index];
          expect(image.users).toEqual(before?.users.filter(({ region }) => !unknownIn.includes(region)));
          expect(image).toMatchObject({ id: before?.id, state: before?.state });
          expect(image.copies).toEqual(isAway ? [] : before?.copies);
          if ('snapshots' in here || (!isAway && 'snapshots' in there)) expect(image.gib).toBeUndefined();
        }
        const isUnknown = ['parameters' in here, isAway || 'parameters' in there];
        expect(node?.current.map(({ unknown }) => unknown !== undefined)).toEqual(isUnknown);
        expect(overview.leftovers === undefined).toBe('resources' in here);
      },
    ),
    runs(300),
  );
});

test('leftovers are what cleanup --leaks would delete, each in a sentence', async () => {
  const resources = [
    leftover('volume', 'vol-1'),
    leftover('key-pair', 'key-1'),
    leftover('instance', 'i-1', { tags: { 'bakehouse:keep': '' } }),
  ];
  const { leftovers } = await readOverview(request, memoryAccount(regions, {}, resources).account);
  expect(leftovers).toEqual([
    'volume vol-1 of redis of run run-1: its run has ended: its newest resource is from 2026-01-02T09:00:00Z',
    'key pair bakehouse-redis-run-1 of redis of run run-1: its run has ended: its newest resource is from 2026-01-02T09:00:00Z',
  ]);
});

test('leftovers are not known where one may be in use and what uses images is not known', async () => {
  const half = leftover('image', 'ami-half', { state: 'available', tags: {}, node: '', run: '' });
  const snapshot = leftover('snapshot', 'snap-1', { imageIds: [] });
  const failures = { [own]: { references: new CloudError('denied', 'X was denied', new Error('no')) } };
  const { leftovers, problems } = await readOverview(
    request,
    memoryAccount(regions, failures, [half, snapshot]).account,
  );
  expect(leftovers).toBeUndefined();
  expect(problems).toContain('leftovers are not known in us-east-1: what uses the images there is not known');
});

test('regions are read at once, and each call once', async () => {
  const { account, calls } = memoryAccount(regions);
  await readOverview(request, account);
  expect(calls.slice(0, 5).sort()).toEqual([
    `${other} connect`,
    `${other} images`,
    `${own} connect`,
    `${own} images`,
    `${own} resources`,
  ]);
  expect(new Set(calls).size).toBe(calls.length);
});
