import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gossCases, parseGoss } from '../../../src/verify/boot/goss.ts';
import type { SshEnd } from '../../../src/verify/boot/ssh-session.ts';
import { ended, sessionOf } from './servers.ts';

/** A result as goss 0.4 prints it. */
const result = (over: object = {}) => ({
  duration: 52_341,
  err: null,
  'matcher-result': { actual: true, expected: true, message: 'to equal' },
  meta: null,
  property: 'listening',
  'resource-id': 'tcp:6379',
  'resource-type': 'Port',
  result: 0,
  skipped: false,
  successful: true,
  'summary-line': 'Port: tcp:6379: listening: matches expectation: true',
  title: '',
  ...over,
});
const closed = result({
  result: 1,
  successful: false,
  'summary-line': 'Port: tcp:6379: listening: Expected false to equal true',
});
const running = result({ 'resource-type': 'Service', 'resource-id': 'redis', property: 'running' });
const left = result({ 'resource-id': 'tcp:80', skipped: true, result: 2, 'summary-line': 'skipped' });
/** A try's document, on one line. */
const document = (...results: object[]) =>
  JSON.stringify({
    results,
    summary: {
      'failed-count': 0,
      'summary-line': 'Count: 1',
      'test-count': results.length,
      'total-duration': 6e7,
    },
  });
const again = (elapsed: number) =>
  `Retrying in 1s (elapsed/timeout time: ${elapsed}.021s/1m0s)\n\n\nAttempt #2:\n`;
const timedOut = 'Error: timeout of 1m0s reached before tests entered a passing state';

const good = [{ name: 'Port tcp:6379 listening', group: 'Check', problems: [] }];
const bad = [
  {
    name: 'Port tcp:6379 listening',
    group: 'Check',
    problems: ['Port: tcp:6379: listening: Expected false to equal true'],
  },
];

describe('what goss prints', () => {
  test('is a case for each result', () => {
    expect(parseGoss(`${document(closed, running)}\n`)).toEqual([
      ...bad,
      { name: 'Service redis running', group: 'Check', problems: [] },
    ]);
  });

  test('counts by its last try', () => {
    expect(parseGoss(`${document(closed)}\n${again(0)}${document(result())}\n`)).toEqual(good);
    expect(parseGoss(`${document(result())}\n${again(0)}${document(closed)}\n${timedOut}\n`)).toEqual(bad);
  });

  test('fails with a sentence when goss gives none', () => {
    expect(parseGoss(document({ successful: false, 'resource-id': 'x' }))).toEqual([
      { name: 'goss x', group: 'Check', problems: ['goss says that it does not hold'] },
    ]);
  });

  test.each([
    ['nothing', ''],
    ['an error', 'Error: found 0 tests, source: goss.yaml\n'],
    ['no results', document()],
    ['null for results', '{"results":null,"summary":{"test-count":0}}'],
    ['something else', '{"a":1}'],
    ['a result without a word of success', '{"results":[{"resource-id":"x"}]}'],
    ['a word of success that is none', '{"results":[{"resource-id":"x","successful":"yes"}]}'],
    ['half a document', document(result()).slice(0, -1)],
    // An earlier try that was good says nothing of the one that was cut off.
    ['half of the last document', `${document(result())}\n${document(closed).slice(0, 50)}`],
  ])('is no result when it is %s', (_, output) => {
    expect(parseGoss(output)).toBeUndefined();
  });
});

describe('a goss file', () => {
  let folder = '';
  let file = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bakehouse-goss-test-'));
    file = join(folder, 'redis.yaml');
    writeFileSync(file, 'port: {tcp:6379: {listening: true}}\n');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs the file on a server; how the question for goss, what is sent, and goss itself end there. */
  async function goss(there: SshEnd, end: SshEnd, binary?: string, sends: SshEnd[] = []) {
    const done: string[] = [];
    const session = sessionOf({
      run: (script, args) => {
        expect(args).toEqual([]);
        const runs = script.includes('validate');
        done.push(runs ? 'validate' : 'look for goss');
        return Promise.resolve(runs ? end : there);
      },
      send: (from, to) => {
        done.push(`send ${from.replace(folder, '…')} ${to.split('/').at(-1) ?? ''}`);
        return Promise.resolve(sends.shift() ?? ended(0));
      },
    });
    return { cases: await gossCases(file, binary, session), done };
  }
  const inImage = ended(0, '/usr/local/bin/goss\n');
  const nowhere = ended(127);
  const ran = (problem: string) => ({ name: 'goss ran', group: 'Check', problems: [problem] });

  test("is run by the image's own goss", async () => {
    const { cases, done } = await goss(inImage, ended(0, document(result())), '/bin/sh');
    expect(cases).toEqual(good);
    expect(done).toEqual(['look for goss', 'send …/redis.yaml goss.yaml', 'validate']);
  });

  test('is run by a goss of ours where the image has none', async () => {
    const { cases, done } = await goss(nowhere, ended(0, document(result())), '/bin/sh');
    expect(cases).toEqual(good);
    expect(done).toEqual(['look for goss', 'send /bin/sh goss', 'send …/redis.yaml goss.yaml', 'validate']);
  });

  test.each([undefined, ''])('fails where there is no goss at all (GOSS_PATH %j)', async (binary) => {
    const { cases, done } = await goss(nowhere, ended(0, document(result())), binary);
    expect(cases).toEqual([ran('the image has no goss: bake it in, or name a binary here with GOSS_PATH')]);
    expect(done).toEqual(['look for goss']);
  });

  test('fails when goss does not get to the server', async () => {
    const { cases } = await goss(nowhere, ended(0), '/bin/sh', [ended(1, '', 'No space left\n')]);
    expect(cases).toEqual([ran('/bin/sh could not be copied to the server: No space left')]);
  });

  test('fails when it does not get to the server itself', async () => {
    const { cases, done } = await goss(inImage, ended(0), undefined, [ended(255, '', 'reset\n')]);
    expect(cases).toEqual([ran(`${file} could not be copied to the server: reset`)]);
    expect(done).not.toContain('validate');
  });

  test('fails in its results, whatever the exit code is', async () => {
    expect((await goss(inImage, ended(3, document(closed), timedOut))).cases).toEqual(bad);
    expect((await goss(inImage, ended(0, document(closed)))).cases).toEqual(bad);
  });

  test.each([1, 3, 255, undefined])('fails when goss ends with %s beside good results', async (code) => {
    const { cases } = await goss(inImage, ended(code, document(result())));
    expect(cases).toEqual([...good, ran(`goss ended with exit code ${String(code)}`)]);
  });

  test.each([
    [
      ended(78, '', 'x\nError: found 0 tests, source: goss.yaml\n'),
      '78',
      'Error: found 0 tests, source: goss.yaml',
    ],
    [ended(1, 'Error: yaml: line 3\n'), '1', 'Error: yaml: line 3'],
    [ended(0, document()), '0', '{"results":[]'],
    [ended(undefined, '', 'it took too long'), 'undefined', 'it took too long'],
  ])('fails when goss has no results: %j', async (end, code, said) => {
    const { cases } = await goss(inImage, end);
    expect(cases).toEqual([
      ran(
        expect.stringContaining(
          `goss ended with exit code ${code} and no results: ${said}`,
        ) as unknown as string,
      ),
    ]);
  });

  test('fails when it cannot be read, and nothing is done', async () => {
    const missing = join(folder, 'gone.yaml');
    expect(await gossCases(missing, undefined, sessionOf({}))).toEqual([
      ran(`the goss file ${missing} cannot be read (ENOENT)`),
    ]);
  });

  test('fails when goss leaves all of it out, and has no case of what it leaves out', async () => {
    expect(parseGoss(document(left, result()))).toEqual(good);
    const { cases } = await goss(ended(0, '/usr/bin/goss\n'), ended(0, document(left)));
    expect(cases).toEqual([ran('goss skipped all of its tests')]);
  });

  test('is not the reason when ssh fails', async () => {
    const { cases } = await goss(ended(255, '', 'Connection reset by peer\n'), ended(255));
    expect(cases).toHaveLength(1);
    expect(cases[0]?.problems[0]).toContain('Connection reset by peer');
  });
});
