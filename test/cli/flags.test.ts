import { describe, expect, test } from '@jest/globals';
import { exitCodeOf, StageError } from '../../src/lib/errors.ts';
import { helpText, parseDurationMs, parseFlags } from '../../src/cli/flags.ts';
import { humanDuration, plainProgress } from '../../src/cli/progress.ts';
import { sharedFlags } from '../../src/cli/shared-flags.ts';
import { tableText } from '../../src/cli/table.ts';

const { nodes, node, reports, json, help } = sharedFlags;
const table = {
  ...{ nodes, node, reports, json, help },
  timeout: { kind: 'duration', value: 'TIME', help: 'the longest', default: '60m' },
  parallel: { kind: 'count', value: 'N', help: 'at a time' },
} as const;

describe('a command line', () => {
  test('becomes values of their kinds, with defaults', () => {
    expect(
      parseFlags(table, ['--node', 'a', '--node=b', '--json', '--timeout', '90s', '--parallel', '3']),
    ).toEqual({
      nodes: 'nodes.yaml',
      node: ['a', 'b'],
      reports: 'reports',
      json: true,
      help: false,
      timeout: 90_000,
      parallel: 3,
    });
    expect(parseFlags(table, [])).toMatchObject({
      node: [],
      json: false,
      timeout: 3_600_000,
      parallel: undefined,
    });
  });

  test.each([
    [['--nod', 'x'], 'unknown flag --nod; did you mean --node?'],
    [['--zzz'], 'unknown flag --zzz'],
    [['stray'], "'stray' is not a flag"],
    [['--json=1'], '--json takes no value'],
    [['--node'], '--node needs a value: --node NAME'],
    [['--node='], '--node needs a value'],
    [['--nodes', 'a', '--nodes', 'b'], '--nodes is given 2 times'],
    [['--parallel', '0'], "--parallel '0' is not a whole number from 1"],
    [['--parallel', '-1'], '--parallel'],
    [['--timeout', '5'], "--timeout '5' is not a time such as 90s"],
    [['--__proto__', 'x'], 'unknown flag --__proto__'],
  ])('%j is refused with exit code 2', (argv, message) => {
    expect(() => parseFlags(table, argv)).toThrow(message);
    expect(() => parseFlags(table, argv)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  test('with several wrong flags names them all at once', () => {
    expect(() => parseFlags(table, ['--aaa', '--parallel', 'x', '--timeout', 'y'])).toThrow(
      /--aaa[^]*--timeout[^]*--parallel/,
    );
  });

  test('is explained by --help with defaults and an example', () => {
    const text = helpText({
      name: 'x',
      summary: 'does y',
      example: 'node --import tsx src/x.ts',
      flags: table,
    });
    expect(text).toContain('--timeout TIME');
    expect(text).toContain('(default: 60m)');
    expect(text).toContain('node --import tsx src/x.ts');
  });
});

describe('a flag that was renamed', () => {
  const table = {
    node: { kind: 'texts', help: 'x' },
    'new-name': { kind: 'text', help: 'y', formerly: 'old' },
  } as const;

  test('is still read by its former name, with a notice', () => {
    const notices: string[] = [];
    expect(parseFlags(table, ['--old', 'a'], (line) => notices.push(line))).toEqual({
      node: [],
      'new-name': 'a',
    });
    expect(notices).toEqual(['--old is now called --new-name']);
  });

  test('is given once, by whichever name, and the former name is not in --help', () => {
    expect(() => parseFlags(table, ['--old', 'a', '--new-name', 'b'])).toThrow('--new-name is given 2 times');
    expect(() => parseFlags(table, ['--old'])).toThrow('--old needs a value');
    expect(helpText({ name: 'x', summary: '', example: '', flags: table })).not.toContain('--old');
  });
});

describe('a flag of patterns', () => {
  const table = { secret: { kind: 'patterns', help: 'x' } } as const;

  test('is a list of global regular expressions', () => {
    expect(parseFlags(table, [])).toEqual({ secret: [] });
    expect(parseFlags(table, ['--secret', 'a+', '--secret=b'])).toEqual({ secret: [/a+/gu, /b/gu] });
  });

  test('names each that is none', () => {
    expect(() => parseFlags(table, ['--secret', '(', '--secret', 'a', '--secret', '['])).toThrow(
      /--secret '\(' is not a regular expression: .*\n.*--secret '\[' is not/,
    );
  });
});

test.each([
  ['90s', 90_000],
  ['60m', 3_600_000],
  ['1h', 3_600_000],
  ['30d', 2_592_000_000],
  ['0s', undefined],
  ['5', undefined],
  ['1.5h', undefined],
  ['-1s', undefined],
  ['1w', undefined],
])('%s is %p ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each([
  [4_400, '4 s'],
  [59_600, '1 min 00 s'],
  [65_000, '1 min 05 s'],
  [7_380_000, '2 h 03 min'],
])('%p ms are read as %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('an error without an exit code is a bug', () => {
  expect(exitCodeOf(new StageError('x', 4))).toBe(4);
  expect([new Error('x'), undefined, 'text', { exitCode: 3 }].map(exitCodeOf)).toEqual([1, 1, 1, 1]);
});

test('a table is aligned, without frames or colours', async () => {
  expect(
    await tableText({
      head: ['node', 'why'],
      rows: [
        ['redis', ''],
        ['a', 'b c'],
      ],
    }),
  ).toBe('NODE   WHY\nredis\na      b c\n');
  expect(await tableText({ head: ['node'], rows: [] })).toBe('');
});

test("a table stays aligned under cells of several lines and wide characters, and somebody's colours are dropped", async () => {
  const rows = [
    ['日本', 'x'],
    [
      ['e\u0301', 'longer'],
      ['y', 'z', 'last'],
    ],
    ['\u001b[31mred\u001b[39m', '🎉'],
  ];
  expect(await tableText({ head: ['node', 'why'], rows })).toBe(
    'NODE    WHY\n日本    x\ne\u0301       y\nlonger  z\n        last\nred     🎉\n',
  );
});

test('progress without a terminal is a plain line for each change, with the time since the start', () => {
  const lines: string[] = [];
  let clock = 1_000;
  const progress = plainProgress(
    (line) => lines.push(line),
    () => clock,
  );
  progress.phase('redis', 'booting');
  clock += 65_000;
  progress.done('redis', true, 'baked');
  expect(lines).toEqual(['[redis]  0 s  booting', '[redis] 1 min 05 s  baked']);
});
