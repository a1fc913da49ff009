import { describe, expect, test } from '@jest/globals';
import type { Check } from '../../../src/nodes/check.ts';
import { runChecks } from '../../../src/verify/boot/checks.ts';
import type { SshEnd } from '../../../src/verify/boot/ssh-session.ts';
import { clockOf, ended, sessionOf } from './servers.ts';

const ping: Check = { kind: 'command', command: 'redis-cli ping', exit: 0, withinMs: 30_000 };
const running: Check = { kind: 'service', service: 'redis', withinMs: 30_000 };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const answer = (code: number, out = '', err = '') =>
  ended(0, `code\t${code}\nout\t${base64(out)}\nerr\t${base64(err)}\nend\n`);
const lastOf = (answers: SshEnd[]) => answers.at(-1) ?? answer(0);

/** Runs checks on a server that gives these answers, the last one for ever, each after a time. */
async function run(checks: readonly Check[], answers: SshEnd[], { takesMs = 0, abortAfter = Infinity } = {}) {
  const clock = clockOf();
  const { signal, abort } = aborter();
  const tries: {
    script: string;
    given: readonly string[];
    words: string[];
    seconds: number;
    timeoutMs: number;
    atMs: number;
  }[] = [];
  const startMs = clock.now();
  const session = sessionOf({
    run: (script, given, timeoutMs) => {
      const [command = '', argument = '', seconds = ''] = given;
      const words = [command, argument].map((word) => Buffer.from(word, 'base64').toString());
      tries.push({ script, given, words, seconds: Number(seconds), timeoutMs, atMs: clock.now() - startMs });
      clock.pass(takesMs);
      if (tries.length >= abortAfter) abort();
      return Promise.resolve(answers[tries.length - 1] ?? lastOf(answers));
    },
  });
  const cases = await runChecks(checks, session, signal, { clock, script: 'the text of check.sh' });
  return { cases, tries, tookMs: clock.now() - startMs, pauses: clock.pauses };
}

function aborter() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: controller.abort.bind(controller) };
}

describe('a check', () => {
  test('that holds at once is tried once', async () => {
    const { cases, tries, pauses } = await run([ping], [answer(0)]);
    expect(cases).toEqual([{ name: '`redis-cli ping` does as it should', group: 'Check', problems: [] }]);
    expect(tries).toMatchObject([
      { script: 'the text of check.sh', words: ['redis-cli ping', expect.anything()], seconds: 30 },
    ]);
    expect(pauses).toEqual([]);
  });

  test.each<Check>([ping, running, { kind: 'port', port: 53, protocol: 'udp', withinMs: 1_000 }])(
    'goes to the server in words that a shell leaves alone, none of them empty: %j',
    async (check) => {
      const { tries } = await run([check], [answer(0)]);
      for (const { given } of tries) {
        expect(given).toHaveLength(3);
        for (const word of given) expect(word).toMatch(/^[\w+/=.-]+$/);
      }
    },
  );

  test('of a service asks for it by a word of its own', async () => {
    const { tries } = await run([running], [answer(0)]);
    expect(tries[0]?.words).toEqual([expect.not.stringContaining('redis'), 'redis']);
  });

  test('is tried again, a second apart, until it holds', async () => {
    const { cases, tries } = await run(
      [running],
      [answer(3, 'activating'), answer(3, 'activating'), answer(0)],
    );
    expect(cases[0]?.problems).toEqual([]);
    expect(tries.map(({ atMs }) => atMs)).toEqual([0, 1_000, 2_000]);
  });

  test('that does not hold in its time fails with what was seen last', async () => {
    const { cases, tookMs } = await run([running], [answer(3, 'activating'), answer(3, 'failed')]);
    expect(cases).toEqual([
      {
        name: 'service redis is active',
        group: 'Check',
        problems: ['redis is failed (tried for 30 s)'],
      },
    ]);
    expect(tookMs).toBeGreaterThanOrEqual(28_000);
    expect(tookMs).toBeLessThanOrEqual(30_000);
  });

  test('is not begun again when its time would be over', async () => {
    const { tries } = await run([{ ...ping, withinMs: 1_000 }], [answer(1)]);
    expect(tries).toHaveLength(1);
  });

  test('never gets more time than it has left, and one try no more than a minute', async () => {
    const { tries } = await run([{ ...ping, withinMs: 150_000 }], [answer(124)], { takesMs: 60_000 });
    expect(tries.map(({ seconds }) => seconds)).toEqual([60, 60, 28]);
    for (const { seconds, timeoutMs } of tries) expect(timeoutMs).toBeGreaterThan(seconds * 1_000);
  });

  test.each([
    ['ssh fails', ended(255, '', 'x\nConnection refused\n'), 'it could not be tried: Connection refused'],
    ['ssh is silent', ended(255), 'it could not be tried: its answer is cut off'],
    ['it took too long', ended(undefined, '', 'it took too long'), 'it could not be tried: it took too long'],
    ['the answer is cut off', ended(0, 'code\t0\nout\t'), 'it could not be tried: its answer is cut off'],
    // What a server printed before ssh broke off is no answer.
    [
      'ssh breaks off at the end',
      { ...answer(0), exitCode: 255 },
      'it could not be tried: its answer is cut off',
    ],
  ])('could not be tried when %s', async (_, end, expected) => {
    const { cases, tries } = await run([{ ...ping, withinMs: 5_000 }], [end]);
    expect(cases[0]?.problems).toEqual([`${expected} (tried for 5 s)`]);
    expect(tries.length).toBeGreaterThan(1);
  });

  test('that could not be tried holds when a later try says so', async () => {
    expect((await run([ping], [ended(255, '', 'reset'), answer(0)])).cases[0]?.problems).toEqual([]);
  });
});

describe('checks', () => {
  test('are a case each, in their order, and each has its own time', async () => {
    const checks: Check[] = [
      { ...running, withinMs: 2_000 },
      { kind: 'port', port: 1, protocol: 'udp', withinMs: 3_000 },
      ping,
    ];
    const { cases, tries } = await run(checks, [answer(3, 'failed'), answer(3, 'failed'), answer(0)]);
    expect(cases.map(({ name, problems }) => [name, problems])).toEqual([
      ['service redis is active', ['redis is failed (tried for 2 s)']],
      ['listens on 1/udp', ['nothing listens on 1/udp (tried for 3 s)']],
      ['`redis-cli ping` does as it should', []],
    ]);
    expect(tries.map(({ seconds }) => seconds)).toEqual([2, 1, 3, 2, 1, 30]);
  });

  test('are none where a node has none', async () => {
    expect(await run([], [])).toMatchObject({ cases: [], tries: [] });
  });

  test('end soon when the run is aborted, and fail', async () => {
    const { cases, tries, pauses } = await run([running, ping], [answer(3, 'activating')], { abortAfter: 2 });
    expect(cases.map(({ problems }) => problems)).toEqual([['interrupted'], ['interrupted']]);
    // What is left is not tried for its whole time.
    expect(tries).toHaveLength(3);
    expect(pauses).toEqual([1_000]);
  });
});
