import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { leakLists, leaksResult } from '../../src/leftovers/leaks-result.ts';
import { type LeakOrder, type LeakWorld, reapLeaks } from '../../src/leftovers/reap-leaks.ts';
import { type Thing, thingTypes } from '../../src/leftovers/thing.ts';
import { ec2Error } from '../aws/world.ts';
import { accountOf } from './account.ts';
import { anyThings, leak, minute, nodes, nowMs, rule, runs } from './things.ts';

const signal = new AbortController().signal;
const order: LeakOrder = { ...rule, apply: true, signal };

/** One of everything that a bake can leave. */
const all: Thing[] = [
  leak('security-group', 'sg'),
  leak('key-pair', 'key', { name: 'bakehouse-redis-run-1' }),
  leak('volume', 'vol'),
  leak('volume', 'root', { state: 'in-use', instanceId: 'i' }),
  leak('snapshot', 'snap', { imageIds: ['ami'] }),
  leak('instance', 'i'),
  leak('image', 'ami', { instanceId: 'i' }),
  leak('spot-request', 'sir'),
];
const kinds = (outcomes: ReadonlyMap<string, { kind: string }>) =>
  Object.fromEntries([...outcomes].map(([id, { kind }]) => [id, kind]));

test('removes all in the order in which one sets the next one free', async () => {
  const { world, done, there } = accountOf(all);
  const { outcomes } = await reapLeaks(order, world);
  expect(done).toEqual(['sir', 'ami', 'i', 'snap', 'vol', 'key', 'sg']);
  expect(kinds(outcomes)).toMatchObject({ root: 'gone', snap: 'deleted' });
  expect([...there.values()]).toEqual([expect.objectContaining({ id: 'i', state: 'terminated' })]);
});

test('without apply it is a plan, which tells what would go', async () => {
  const { world, done } = accountOf(all);
  const { exitCode, closing, table } = leaksResult(await reapLeaks({ ...order, apply: false }, world));
  expect([done, exitCode]).toEqual([[], 0]);
  expect(closing[0]).toBe('8 leaked things would be deleted (a plan only: --apply deletes)');
  expect(table.rows[0]).toEqual([
    'redis', 'run-1', 'spot-request', 'sir', '2026-01-02T09:00:00', 'delete',
    'its run is over: nothing newer than 2026-01-02T09:00:00Z',
  ]); // prettier-ignore
});

test('nothing is removed when a look-up fails', async () => {
  const { world, done } = accountOf(all);
  const things = () => Promise.reject(new CloudError('denied', 'DescribeVolumes was denied', undefined));
  await expect(reapLeaks(order, { ...world, things })).rejects.toMatchObject({ exitCode: 4 });
  expect(done).toEqual([]);
});

describe('what uses a thing', () => {
  const lost = leak('snapshot', 'lost');
  const users = () => Promise.resolve(new Map([['lost', [{ kind: 'fleet' as const, by: 'a fleet' }]]]));

  test('keeps a snapshot that its image has left, as nobody having looked does', async () => {
    for (const references of [users, undefined]) {
      const { world, done } = accountOf([lost]);
      if (references === undefined) delete world.references;
      else world.references = references;
      const reaped = await reapLeaks(order, world);
      expect([done, reaped.decisions.map(({ action }) => action)]).toEqual([[], ['keep']]);
    }
  });

  test('is not asked when nothing goes that can be used; when it cannot be told, nothing goes', async () => {
    const references = () => Promise.reject(new CloudError('denied', 'denied', undefined));
    const { world, done } = accountOf(all);
    await reapLeaks(order, { ...world, references });
    expect(done).toHaveLength(7);
    const other = accountOf([lost, leak('volume', 'vol')]);
    await expect(reapLeaks(order, { ...other.world, references })).rejects.toMatchObject({ exitCode: 4 });
    expect(other.done).toEqual([]);
  });
});

test("a run's age is told by the cloud's clock", async () => {
  const { world, done } = accountOf([leak('instance', 'i', { createdMs: nowMs - 5 * minute })]);
  const behind = () => new Date(nowMs - 120 * minute);
  expect((await reapLeaks(order, { ...world, now: behind })).madeAtMs).toBe(nowMs - 120 * minute);
  await reapLeaks(order, { ...world, now: () => new Date(nowMs) });
  expect(done).toEqual([]);
});

describe('a thing that changed since it was decided on', () => {
  const becomes = (over: Partial<Thing>): Partial<LeakWorld> => ({
    look: (thing) => Promise.resolve({ ...thing, ...over }),
  });
  test.each<[string, Thing, Partial<Thing>, string]>([
    ['is spared when somebody wants it', leak('volume', 'a'), { tags: { 'bakehouse:keep': '' } }, 'spared'],
    ['is spared when it has another tag', leak('instance', 'a'), { tags: { 'bakehouse:run': 'run-2' } }, 'spared'],
    ['is spared when it is attached', leak('volume', 'a'), { state: 'in-use', instanceId: 'i-9' }, 'spared'],
    ['is spared when it became an image', leak('image', 'a'), { state: 'available' }, 'spared'],
    ['is spared when a server was launched from it', leak('image', 'a'), { usedBy: 'i-9' }, 'spared'],
    ['is spared when an image maps it', leak('snapshot', 'a'), { imageIds: ['ami-9'] }, 'spared'],
    ['is gone when it ended by itself', leak('instance', 'a'), { state: 'terminated' }, 'gone'],
    ['is gone when it was cancelled', leak('spot-request', 'a'), { state: 'cancelled' }, 'gone'],
    ['goes all the same when it stopped', leak('instance', 'a'), { state: 'stopped' }, 'deleted'],
  ])('%s', async (_, thing, over, end) => {
    const { world } = accountOf([thing]);
    const end2 = { ...world, ...becomes(over), terminated: () => Promise.resolve() };
    expect(kinds((await reapLeaks(order, end2)).outcomes)).toEqual({ a: end });
  }); // prettier-ignore
});

describe('what cannot be removed', () => {
  const failing = (id: string, error: Error) => {
    const account = accountOf(all);
    const remove: LeakWorld['remove'] = (thing) =>
      thing.id === id ? Promise.reject(error) : account.world.remove(thing);
    return { ...account, world: { ...account.world, remove } };
  };

  test('is told and keeps none of the rest; exit code 3', async () => {
    const { world, done } = failing('key', ec2Error('Strange'));
    const reaped = await reapLeaks(order, world);
    expect(done).toEqual(['sir', 'ami', 'i', 'snap', 'vol', 'sg']);
    expect(leakLists(reaped).left).toEqual(['key pair bakehouse-redis-run-1 (Strange happened)']);
    expect(leaksResult(reaped).exitCode).toBe(3);
  });

  test('because that is denied keeps none of the rest, either; exit code 4', async () => {
    const { world, done } = failing('i', new CloudError('denied', 'denied', undefined));
    const reaped = await reapLeaks(order, world);
    expect(done).toEqual(['sir', 'ami', 'snap', 'vol', 'key', 'sg']);
    expect(kinds(reaped.outcomes)).toMatchObject({ i: 'failed', root: 'spared' });
    expect(leaksResult(reaped).exitCode).toBe(4);
  });

  test('because the cloud went away ends it; exit code 4', async () => {
    const { world, done } = failing('i', new CloudError('unreachable', 'away', undefined));
    const reaped = await reapLeaks(order, world);
    expect(done).toEqual(['sir', 'ami']);
    expect(kinds(reaped.outcomes)).toMatchObject({ i: 'failed', snap: 'not-done', sg: 'not-done' });
    expect(leaksResult(reaped).exitCode).toBe(4);
  });

  test('because it is in use for a moment more is tried again', async () => {
    const account = accountOf([leak('security-group', 'sg')]);
    let refusals = 2;
    const remove: LeakWorld['remove'] = (thing) =>
      refusals-- > 0 ? Promise.reject(ec2Error('DependencyViolation')) : account.world.remove(thing);
    const { outcomes } = await reapLeaks(order, { ...account.world, remove });
    expect(kinds(outcomes)).toEqual({ sg: 'deleted' });
  });

  test('because somebody was faster is fine', async () => {
    const { world } = failing('vol', ec2Error('InvalidVolume.NotFound'));
    const reaped = await reapLeaks(order, world);
    expect(kinds(reaped.outcomes)).toMatchObject({ vol: 'gone' });
    expect([leakLists(reaped).left, leaksResult(reaped).exitCode]).toEqual([[], 0]);
  });
});

test('an interruption ends the waiting, and leaves the rest', async () => {
  const { world, done } = accountOf(all);
  const interruption = new AbortController();
  const terminated = () => {
    interruption.abort();
    return Promise.reject(new Error('aborted'));
  };
  const reaped = await reapLeaks({ ...order, signal: interruption.signal }, { ...world, terminated });
  expect(done).toEqual(['sir', 'ami', 'i']);
  expect(kinds(reaped.outcomes)).toMatchObject({ i: 'not-done', snap: 'not-done', sg: 'not-done' });
});

describe('whatever there is', () => {
  const anyRule = fc.record({
    finished: fc.subarray(runs).map((some) => new Set(some)),
    only: fc.subarray(nodes),
  });
  const state = (there: ReadonlyMap<string, Thing>) =>
    [...there.values()].map(({ id, state: is }) => `${id} ${is ?? ''}`);

  test('twice is once, and nothing else is touched', async () => {
    await fc.assert(
      fc.asyncProperty(anyThings, anyRule, async (some, more) => {
        const account = accountOf(some.map(({ thing }) => thing));
        const first = await reapLeaks({ ...order, ...more }, account.world);
        const doomed = new Set(
          first.decisions.filter(({ action }) => action === 'delete').map(({ thing }) => thing.id),
        );
        const kept = some.map(({ thing }) => thing).filter(({ id }) => !doomed.has(id));
        for (const thing of kept) expect(account.there.get(thing.id)).toBe(thing);
        const before = state(account.there);
        const second = await reapLeaks({ ...order, ...more }, account.world);
        expect([state(account.there), second.outcomes.size]).toEqual([before, 0]);
      }),
    );
  });

  test('a crash at any call, and then again, is once', async () => {
    const once = accountOf(all);
    await reapLeaks(order, once.world);
    expect(once.calls()).toBeGreaterThan(thingTypes.length * 2);
    for (let at = 1; at <= once.calls(); at += 1) {
      const crashed = accountOf(all, at);
      await reapLeaks(order, crashed.world).catch((error: unknown) => {
        expect(at).toBe(1);
        expect(error).toMatchObject({ name: 'Killed' });
      });
      const again = accountOf([...crashed.there.values()]);
      await reapLeaks(order, again.world);
      expect([at, state(again.there)]).toEqual([at, state(once.there)]);
    }
  });
});
