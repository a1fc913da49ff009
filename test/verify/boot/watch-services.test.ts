import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import type { ImageCase } from '../../../src/verify/verdict.ts';
import type { UnitState } from '../../../src/verify/boot/server-facts.ts';
import { builder, clockOf, ended, examine, factsOf, sessionOf, shows } from './servers.ts';

const bake = { ...builder, services: builder.services?.filter(({ name }) => name === 'redis') ?? [] };

/** How redis is so many ms after the first probe, by what it does. */
type Behaviour = (sinceMs: number) => Partial<UnitState>;

/** Examines an image whose redis behaves so on both servers; trials take their time. */
async function watched(behaviour: Behaviour, trialMs = 0, uptimeMs = 5_000) {
  const clock = clockOf(0);
  const abort = new AbortController();
  const ssh = () =>
    sessionOf({
      run: () => {
        const services = [
          { name: 'redis', enabled: 'enabled', active: 'active', ...behaviour(clock.now() + uptimeMs) },
        ];
        return Promise.resolve(shows((number += 1), { services }));
      },
    });
  let number = 0;
  const trial = () => {
    clock.pass(trialMs);
    return Promise.resolve([]);
  };
  const { end } = examine({ bake, abort, over: { ...clock, ssh, trials: [trial] } });
  const { shown } = await end;
  if ('unavailable' in shown) throw new Error(shown.unavailable);
  return {
    tookMs: clock.now() - trialMs,
    redis: problemsOf(shown, 'runs Service[redis]'),
    boots: problemsOf(shown, 'boots'),
  };
}

const problemsOf = (cases: readonly ImageCase[], name: string) =>
  cases.find((one) => one.name === name)?.problems ?? ['there is no such case'];

/** Ends every so often, and is up again a moment later; from some time on it stays up. */
const crashing =
  (everyMs: number, untilMs = Infinity): Behaviour =>
  (sinceMs) => ({ restarts: Math.floor(Math.min(sinceMs, untilMs) / everyMs) });

describe('a service', () => {
  test('that ends every six seconds and is started again fails, however it is at each probe', async () => {
    const { redis } = await watched(crashing(6_000));
    expect(redis).toEqual([
      expect.stringMatching(/^redis does not stay up: systemd started it again \d times in 30 s$/),
    ]);
  });

  test('that ends again and again always fails', async () => {
    const every = fc.integer({ min: 500, max: 10_000 });
    await fc.assert(
      fc.asyncProperty(every, fc.nat(20_000), fc.nat(60_000), async (everyMs, trialMs, uptimeMs) => {
        expect((await watched(crashing(everyMs), trialMs, uptimeMs)).redis).toHaveLength(1);
      }),
    );
  });

  test('that had to be started again while the server booted, and then stays up, never fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 500, max: 5_000 }), fc.nat(15_000), async (everyMs, untilMs) => {
        expect(await watched(crashing(everyMs, untilMs), 0, 5_000)).toMatchObject({ redis: [], boots: [] });
      }),
    );
  });

  test.each<[string, Behaviour, string[]]>([
    ['waits to be started again', (ms) => ({ active: ms < 9_000 ? 'active' : 'activating' }), ['redis is activating']],
    ['failed after a while', (ms) => ({ active: ms < 9_000 ? 'active' : 'failed' }), ['redis failed to start']],
    ['ended after a while', (ms) => ({ active: ms < 9_000 ? 'active' : 'inactive' }), ['redis is inactive']],
    ['is just being restarted by somebody', (ms) => ({ active: ms > 9_000 && ms < 20_000 ? 'activating' : 'active' }), []],
    ['reads its configuration again', () => ({ active: 'reloading' }), []],
    ['was restarted by somebody, which counts anew', (ms) => ({ restarts: ms < 9_000 ? 2 : 0 }), []],
    ['is of a systemd that counts nothing', () => ({}), []],
  ])('that %s is judged by its last state', async (_, behaviour, problems) => {
    expect((await watched(behaviour)).redis).toEqual(problems);
  }); // prettier-ignore

  test('that runs costs no time where what is tried takes ten seconds, and else no more than those', async () => {
    expect((await watched(() => ({ restarts: 0 }), 10_000)).tookMs).toBe(0);
    expect((await watched(() => ({ restarts: 0 }), 0)).tookMs).toBe(10_000);
  });
});

test('a server that lets us in once, but not again, does not boot', async () => {
  const answers = { '10.0.0.2': [shows(2), ended(255, '', 'ssh: Connection refused')] };
  const { shown } = await examine({ bake, answers }).end;
  const boots = problemsOf(shown as ImageCase[], 'boots');
  expect(boots).toEqual(['i-2 let us in once, but not again: ssh: Connection refused']);
});

test('a server that refuses us for a moment is asked again', async () => {
  const answers = {
    '10.0.0.2': [shows(2), ended(255), ended(255), shows(2, { services: factsOf(2).services })],
  };
  const { shown } = await examine({ bake, answers }).end;
  expect(problemsOf(shown as ImageCase[], 'boots')).toEqual([]);
});
