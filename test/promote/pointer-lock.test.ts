import { describe, expect, test } from '@jest/globals';
import { lockName, takeLock } from '../../src/promote/pointer-lock.ts';
import { fc, runs } from '../runs.ts';
import { interleaved } from './interleaved.ts';
import { MemoryCloud } from './memory-account.ts';
import { own } from './promotion.ts';

const name = lockName('web');
const doing = { kind: 'promote', image: 'ami-1' } as const;

function lockDeps(cloud: MemoryCloud, run: string, pause?: (ms: number) => Promise<unknown>) {
  const said: string[] = [];
  return {
    run,
    said,
    now: () => new Date(cloud.nowMs),
    pause: pause ?? ((ms: number) => Promise.resolve(void (cloud.nowMs += ms))),
    say: (line: string) => void said.push(line),
    signal: new AbortController().signal,
  };
}

/** A lock as a run that was killed leaves it. */
const left = (cloud: MemoryCloud, untilMs: number) => {
  const until = new Date(untilMs).toISOString();
  cloud.parameter(own, name, JSON.stringify({ run: 'killed', until, ...doing }));
};

describe('the lock of a node', () => {
  test('is there while it is held, and gone when it is released', async () => {
    const cloud = new MemoryCloud([own]);
    const lock = await takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'a'));
    expect(JSON.parse(cloud.region(own).parameters.get(name)?.value ?? '')).toMatchObject({
      run: 'a',
      ...doing,
    });
    await lock.release();
    expect(cloud.region(own).parameters.size).toBe(0);
  });

  test('of a run that was killed is waited for, and taken over when its time is over', async () => {
    const cloud = new MemoryCloud([own]);
    left(cloud, cloud.nowMs + 60_000);
    const [deps, begin] = [lockDeps(cloud, 'a'), cloud.nowMs];
    const lock = await takeLock(cloud.account(own), 'web', doing, deps);
    expect(cloud.nowMs - begin).toBeGreaterThanOrEqual(60_000);
    expect(deps.said).toEqual([expect.stringContaining('waits for killed')]);
    await lock.release();
    expect(cloud.region(own).parameters.size).toBe(0);
  });

  test('is given up on after ten minutes of others, with exit code 4', async () => {
    const cloud = new MemoryCloud([own]);
    left(cloud, cloud.nowMs + 3_600_000);
    await expect(takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'a'))).rejects.toMatchObject({
      exitCode: 4,
    });
  });

  test('is not held any more when its time is nearly over', async () => {
    const cloud = new MemoryCloud([own]);
    const lock = await takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'a'));
    lock.assertHeld();
    cloud.nowMs += 95_000;
    expect(() => {
      lock.assertHeld();
    }).toThrow('has expired');
  });

  test('that is abandoned tells what was being done, and is free at once', async () => {
    const cloud = new MemoryCloud([own]);
    await (await takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'a'))).abandon();
    expect(JSON.parse(cloud.region(own).parameters.get(name)?.value ?? '')).toMatchObject(doing);
    const begin = cloud.nowMs;
    await takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'b'));
    expect(cloud.nowMs - begin).toBeLessThan(2_000);
  });

  test('with another text is refused, and not overwritten', async () => {
    const cloud = new MemoryCloud([own]);
    cloud.parameter(own, name, 'maintenance until Monday');
    await expect(takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'a'))).rejects.toThrow(
      'holds no lock',
    );
    expect(cloud.region(own).parameters.get(name)?.value).toBe('maintenance until Monday');
  });
});

test('an expired lock that another has taken over, released, and a third taken meanwhile is not taken from the third', async () => {
  const cloud = new MemoryCloud([own]);
  left(cloud, cloud.nowMs - 1);
  const state = { puts: 0 };
  cloud.gate = (_region, call, when) => {
    if (call !== 'putLock' || when === 'after' || ++state.puts !== 2) return;
    // A lock that was deleted counts from 1 again.
    left(cloud, cloud.nowMs + 60_000);
  };
  const begin = cloud.nowMs;
  await takeLock(cloud.account(own), 'web', doing, lockDeps(cloud, 'a'));
  expect(cloud.nowMs - begin).toBeGreaterThan(60_000);
});

test('of several runs that want an expired lock only one has it at a time, and each gets it', async () => {
  const schedules = fc.array(fc.nat(30), { minLength: 3, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(schedules, fc.boolean(), async (schedule, isLeft) => {
      const cloud = new MemoryCloud([own]);
      if (isLeft) left(cloud, cloud.nowMs - 1);
      const { pause, run } = interleaved(cloud, schedule);
      const state = { holders: 0, most: 0, turns: 0 };
      const ends = await run(
        ['a', 'b', 'c'].map((id) => async () => {
          const account = cloud.account(own);
          const lock = await takeLock(account, 'web', doing, lockDeps(cloud, id, pause));
          state.holders += 1;
          state.most = Math.max(state.most, state.holders);
          await account.imagesOfNodes(['web']);
          // Whoever is too slow has lost it, and knows.
          try {
            lock.assertHeld();
            state.turns += 1;
          } finally {
            state.holders -= 1;
          }
          await lock.release();
        }),
      );
      expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
      expect(state).toEqual({ holders: 0, most: 1, turns: 3 });
    }),
    runs(1_000),
  );
});
