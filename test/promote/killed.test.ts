import { describe, expect, test } from '@jest/globals';
import type { PromoteOptions } from '../../src/promote/node-plan.ts';
import type { MemoryCloud } from './memory-account.ts';
import {
  account,
  currentOf,
  everywhere,
  nodesOf,
  one,
  own,
  regions,
  run,
  stateOf,
  two,
  web,
  withoutLock,
} from './promotion.ts';

const nodes = nodesOf(web);

/** What a killed process throws at its call, and at each later one: it does nothing any more. */
class Killed extends Error {}

/**
 * Runs promote, killed at its call `at` (from 0), before or after that call has had its effect; then again.
 * @returns whether there was such a call
 */
async function killedAndAgain(
  cloud: MemoryCloud,
  at: number,
  when: 'before' | 'after',
  options: Partial<PromoteOptions>,
): Promise<boolean> {
  const killed = killAt(cloud, at, when);
  await run(cloud, nodes, options).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  cloud.gate = () => undefined;
  if (killed()) await run(cloud, nodes, options);
  return killed();
}

/** From that call on nothing is done any more; whether there was such a call. */
function killAt(cloud: MemoryCloud, at: number, when: 'before' | 'after'): () => boolean {
  const state = { calls: 0, isDead: false };
  cloud.gate = (_region, _call, now) => {
    if (now === 'before') state.calls += 1;
    state.isDead ||= state.calls > at && now === when;
    if (state.isDead) throw new Killed();
  };
  return () => state.isDead;
}

/** All pointers name one of these images, in whatever region. */
function expectOnly(cloud: MemoryCloud, names: readonly (string | undefined)[]) {
  for (const name of Object.values(currentOf(cloud))) expect(names).toContain(name);
}

const stories: [string, Partial<PromoteOptions>, () => Promise<MemoryCloud>][] = [
  ['a first promote', {}, () => Promise.resolve(account())],
  ['a second promote', {}, second],
  [
    'a promote after a failed copy',
    {},
    async () => {
      const cloud = await second();
      cloud.copyFailures.set('eu-west-1', ['out of luck']);
      await run(cloud, nodes);
      return cloud;
    },
  ],
  [
    'a rollback',
    { kind: 'rollback' },
    async () => {
      const cloud = await second();
      await run(cloud, nodes);
      cloud.bake(own, 'web-1700000003');
      await run(cloud, nodes);
      return cloud;
    },
  ],
];

async function second() {
  const cloud = account();
  await run(cloud, nodes);
  cloud.bake(own, two);
  return cloud;
}

describe.each(stories)('%s that is killed at any of its calls', (_, options, prepare) => {
  test.each(['before', 'after'] as const)(
    'and run again ends as one that was not (%s the effect)',
    async (when) => {
      const whole = await prepare();
      await run(whole, nodes, options);
      const expected = stateOf(whole);
      let at = 0;
      for (; ; at += 1) {
        const cloud = await prepare();
        const last = cloud.calls.length;
        if (!(await killedAndAgain(cloud, at, when, options))) break;
        const call = cloud.calls[last + at] ?? '';
        // The last call ends the lock: what is killed after it was done, and a rollback then goes back once more.
        if (when === 'after' && call.endsWith('deleteParameter') && options.kind === 'rollback') continue;
        if (options.kind === 'rollback')
          expect(Object.keys(stateOf(cloud)[own]?.parameters ?? {})).toEqual(['/images/web']);
        expect({ at, call, state: withoutLock(stateOf(cloud)) }).toEqual({ at, call, state: expected });
      }
      expect(at).toBeGreaterThan(20);
    },
  );
});

test('a promote that is killed before its copies are there has moved no pointer', async () => {
  for (let at = 0; ; at += 1) {
    const cloud = await second();
    const killed = killAt(cloud, at, 'after');
    await run(cloud, nodes).catch(() => undefined);
    cloud.gate = () => undefined;
    const copied = regions.every((region) =>
      [...cloud.region(region).images.values()].some(
        ({ Name, State }) => Name === two && State === 'available',
      ),
    );
    if (!copied) expect(currentOf(cloud)).toEqual(everywhere(one));
    expectOnly(cloud, [one, two]);
    if (!killed()) break;
  }
});
