import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { leftoverLists } from '../../src/leftovers/leftover-sentence.ts';
import { leftoversResult } from '../../src/cleanup/clean-up-leftovers.ts';
import {
  type LeftoverRequest,
  type LeftoverRemovalDeps,
  removeLeftovers,
} from '../../src/leftovers/remove-leftovers.ts';
import { type Resource, resourceTypes } from '../../src/leftovers/resource.ts';
import { ec2Error } from '../aws/fixtures.ts';
import { accountOf } from './account.ts';
import { anyResources, leftover, minute, nodes, nowMs, rule, runs } from './leftovers.ts';

const signal = new AbortController().signal;
const order: LeftoverRequest = { ...rule, apply: true, signal };

/** One of everything that a bake can leave. */
const all: Resource[] = [
  leftover('security-group', 'sg'),
  leftover('key-pair', 'key', { name: 'bakehouse-redis-run-1' }),
  leftover('volume', 'vol'),
  leftover('volume', 'root', { state: 'in-use', instanceId: 'i' }),
  leftover('snapshot', 'snap', { imageIds: ['ami'] }),
  leftover('instance', 'i'),
  leftover('image', 'ami', { instanceId: 'i' }),
  leftover('spot-request', 'sir'),
];
const kinds = (outcomes: ReadonlyMap<string, { kind: string }>) =>
  Object.fromEntries([...outcomes].map(([id, { kind }]) => [id, kind]));

test('what earlier runs left is removed in an order in which nothing is still in use', async () => {
  const { deps, done, there } = accountOf(all);
  const { outcomes } = await removeLeftovers(order, deps);
  expect(done).toEqual(['sir', 'ami', 'i', 'snap', 'vol', 'key', 'sg']);
  expect(kinds(outcomes)).toMatchObject({ root: 'gone', snap: 'deleted' });
  expect([...there.values()]).toEqual([expect.objectContaining({ id: 'i', state: 'terminated' })]);
});

test('says of how many resources it is known what became of them', async () => {
  const { deps } = accountOf(all);
  const steps: string[] = [];
  const onStep = (done: number, of: number) => void steps.push(`${done} of ${of}`);
  await removeLeftovers(order, { ...deps, onStep });
  expect(steps).toEqual(all.map((_, index) => `${index + 1} of ${all.length}`));
});

test('without apply it is a plan, which says what would be removed', async () => {
  const { deps, done } = accountOf(all);
  const { exitCode, closing, table } = leftoversResult(
    await removeLeftovers({ ...order, apply: false }, deps),
  );
  expect([done, exitCode]).toEqual([[], 0]);
  expect(closing[0]).toBe('8 leftovers would be deleted (a plan only: --apply deletes)');
  expect(table.rows[0]).toEqual([
    'redis', 'run-1', 'spot-request', 'sir', '2026-01-02T09:00:00', 'delete',
    'its run has ended: its newest resource is from 2026-01-02T09:00:00Z',
  ]); // prettier-ignore
});

test('nothing is removed when a look-up fails', async () => {
  const { deps, done } = accountOf(all);
  const resources = () => Promise.reject(new CloudError('denied', 'DescribeVolumes was denied', undefined));
  await expect(removeLeftovers(order, { ...deps, resources })).rejects.toMatchObject({ exitCode: 4 });
  expect(done).toEqual([]);
});

describe('what uses a resource', () => {
  const lost = leftover('snapshot', 'lost');
  const users = () => Promise.resolve(new Map([['lost', [{ kind: 'fleet' as const, by: 'a fleet' }]]]));

  test('keeps a snapshot without its image, as when references were not looked up', async () => {
    for (const references of [users, undefined]) {
      const { deps, done } = accountOf([lost]);
      if (references === undefined) delete deps.references;
      else deps.references = references;
      const cleanup = await removeLeftovers(order, deps);
      expect([done, cleanup.decisions.map(({ action }) => action)]).toEqual([[], ['keep']]);
    }
  });

  test('is not looked up when nothing that can be used is to be removed; when the look-up fails, nothing is removed', async () => {
    const references = () => Promise.reject(new CloudError('denied', 'denied', undefined));
    const { deps, done } = accountOf(all);
    await removeLeftovers(order, { ...deps, references });
    expect(done).toHaveLength(7);
    const other = accountOf([lost, leftover('volume', 'vol')]);
    await expect(removeLeftovers(order, { ...other.deps, references })).rejects.toMatchObject({
      exitCode: 4,
    });
    expect(other.done).toEqual([]);
  });
});

test("a run's age is told by the cloud's clock", async () => {
  const { deps, done } = accountOf([leftover('instance', 'i', { createdMs: nowMs - 5 * minute })]);
  const behind = () => new Date(nowMs - 120 * minute);
  expect((await removeLeftovers(order, { ...deps, now: behind })).madeAtMs).toBe(nowMs - 120 * minute);
  await removeLeftovers(order, { ...deps, now: () => new Date(nowMs) });
  expect(done).toEqual([]);
});

describe('a resource that changed after the decision', () => {
  const becomes = (over: Partial<Resource>): Partial<LeftoverRemovalDeps> => ({
    current: (resource) => Promise.resolve({ ...resource, ...over }),
  });
  test.each<[string, Resource, Partial<Resource>, string]>([
    ['is spared when somebody wants it', leftover('volume', 'a'), { tags: { 'bakehouse:keep': '' } }, 'spared'],
    ['is spared when it has another tag', leftover('instance', 'a'), { tags: { 'bakehouse:run': 'run-2' } }, 'spared'],
    ['is spared when it is attached', leftover('volume', 'a'), { state: 'in-use', instanceId: 'i-9' }, 'spared'],
    ['is spared when it became an image', leftover('image', 'a'), { state: 'available' }, 'spared'],
    ['is spared when a server was launched from it', leftover('image', 'a'), { usedBy: 'i-9' }, 'spared'],
    ['is spared when an image maps it', leftover('snapshot', 'a'), { imageIds: ['ami-9'] }, 'spared'],
    ['is gone when it ended by itself', leftover('instance', 'a'), { state: 'terminated' }, 'gone'],
    ['is gone when it was cancelled', leftover('spot-request', 'a'), { state: 'cancelled' }, 'gone'],
    ['goes all the same when it stopped', leftover('instance', 'a'), { state: 'stopped' }, 'deleted'],
  ])('%s', async (_, resource, over, end) => {
    const { deps } = accountOf([resource]);
    const end2 = { ...deps, ...becomes(over), terminated: () => Promise.resolve() };
    expect(kinds((await removeLeftovers(order, end2)).outcomes)).toEqual({ a: end });
  }); // prettier-ignore
});

describe('what cannot be removed', () => {
  const failing = (id: string, error: Error) => {
    const account = accountOf(all);
    const remove: LeftoverRemovalDeps['remove'] = (resource) =>
      resource.id === id ? Promise.reject(error) : account.deps.remove(resource);
    return { ...account, deps: { ...account.deps, remove } };
  };

  test('is named and does not stop the rest; exit code 3', async () => {
    const { deps, done } = failing('key', ec2Error('Strange'));
    const cleanup = await removeLeftovers(order, deps);
    expect(done).toEqual(['sir', 'ami', 'i', 'snap', 'vol', 'sg']);
    expect(leftoverLists(cleanup).left).toEqual(['key pair bakehouse-redis-run-1 (Strange happened)']);
    expect(leftoversResult(cleanup).exitCode).toBe(3);
  });

  test('because it is denied does not stop the rest, either; exit code 4', async () => {
    const { deps, done } = failing('i', new CloudError('denied', 'denied', undefined));
    const cleanup = await removeLeftovers(order, deps);
    expect(done).toEqual(['sir', 'ami', 'snap', 'vol', 'key', 'sg']);
    expect(kinds(cleanup.outcomes)).toMatchObject({ i: 'failed', root: 'spared' });
    expect(leftoversResult(cleanup).exitCode).toBe(4);
  });

  test('because EC2 is not reachable ends the removal; exit code 4', async () => {
    const { deps, done } = failing('i', new CloudError('unreachable', 'away', undefined));
    const cleanup = await removeLeftovers(order, deps);
    expect(done).toEqual(['sir', 'ami']);
    expect(kinds(cleanup.outcomes)).toMatchObject({ i: 'failed', snap: 'not-done', sg: 'not-done' });
    expect(leftoversResult(cleanup).exitCode).toBe(4);
  });

  test('because it is still in use is tried again', async () => {
    const account = accountOf([leftover('security-group', 'sg')]);
    let refusals = 2;
    const remove: LeftoverRemovalDeps['remove'] = (resource) =>
      refusals-- > 0 ? Promise.reject(ec2Error('DependencyViolation')) : account.deps.remove(resource);
    const { outcomes } = await removeLeftovers(order, { ...account.deps, remove });
    expect(kinds(outcomes)).toEqual({ sg: 'deleted' });
  });

  test('because somebody else removed it is no error', async () => {
    const { deps } = failing('vol', ec2Error('InvalidVolume.NotFound'));
    const cleanup = await removeLeftovers(order, deps);
    expect(kinds(cleanup.outcomes)).toMatchObject({ vol: 'gone' });
    expect([leftoverLists(cleanup).left, leftoversResult(cleanup).exitCode]).toEqual([[], 0]);
  });
});

test('an interruption ends the waiting, and the rest stays', async () => {
  const { deps, done } = accountOf(all);
  const interruption = new AbortController();
  const terminated = () => {
    interruption.abort();
    return Promise.reject(new Error('aborted'));
  };
  const cleanup = await removeLeftovers({ ...order, signal: interruption.signal }, { ...deps, terminated });
  expect(done).toEqual(['sir', 'ami', 'i']);
  expect(kinds(cleanup.outcomes)).toMatchObject({ i: 'not-done', snap: 'not-done', sg: 'not-done' });
});

describe('whatever exists', () => {
  const anyRule = fc.record({
    finished: fc.subarray(runs).map((some) => new Set(some)),
    only: fc.subarray(nodes),
  });
  const state = (there: ReadonlyMap<string, Resource>) =>
    [...there.values()].map(({ id, state: is }) => `${id} ${is ?? ''}`);

  test('removing twice is the same as once, and nothing else is touched', async () => {
    await fc.assert(
      fc.asyncProperty(anyResources, anyRule, async (some, more) => {
        const account = accountOf(some.map(({ resource }) => resource));
        const first = await removeLeftovers({ ...order, ...more }, account.deps);
        const toDelete = new Set(
          first.decisions.filter(({ action }) => action === 'delete').map(({ resource }) => resource.id),
        );
        const kept = some.map(({ resource }) => resource).filter(({ id }) => !toDelete.has(id));
        for (const resource of kept) expect(account.there.get(resource.id)).toBe(resource);
        const before = state(account.there);
        const second = await removeLeftovers({ ...order, ...more }, account.deps);
        expect([state(account.there), second.outcomes.size]).toEqual([before, 0]);
      }),
    );
  });

  test('a crash at any call, and then a second run, is the same as one run', async () => {
    const once = accountOf(all);
    await removeLeftovers(order, once.deps);
    expect(once.calls()).toBeGreaterThan(resourceTypes.length * 2);
    for (let at = 1; at <= once.calls(); at += 1) {
      const crashed = accountOf(all, at);
      await removeLeftovers(order, crashed.deps).catch((error: unknown) => {
        expect(at).toBe(1);
        expect(error).toMatchObject({ name: 'Killed' });
      });
      const again = accountOf([...crashed.there.values()]);
      await removeLeftovers(order, again.deps);
      expect([at, state(again.there)]).toEqual([at, state(once.there)]);
    }
  });
});
