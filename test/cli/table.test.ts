import { expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { wrapped } from '../../src/cli/print.ts';
import { screenOf, tableText } from '../../src/cli/table.ts';

const terminal = { width: 80, wrap: true, colour: false };
const long =
  'Service[redis-server]: Could not start Service[redis-server]: its start script failed with exit code 1';
const head = ['node', 'result', 'image', 'changed', 'unchanged', 'failed', 'skipped', 'why'];
const row = (node: string, why: string) => [
  node,
  'rejected',
  'ami-0123456789abcdef0',
  '1',
  '20',
  '1',
  '0',
  why,
];

test('a reason that does not fit beside its row stands below it, in whole words', async () => {
  expect(await tableText({ head: ['check', 'state', 'found', 'what to do'], rows: [
    ['git', 'ok', '2.39.5', ''],
    ['puppet service', 'wrong', ['puppet.service is enabled and will run', 'again at the next boot of this machine'], 'systemctl mask puppet.service'],
  ] }, terminal)).toBe([
    'CHECK           STATE  FOUND   WHAT TO DO',
    'git             ok     2.39.5',
    'puppet service  wrong',
    '    puppet.service is enabled and will run',
    '    again at the next boot of this machine',
    '    systemctl mask puppet.service',
    '',
  ].join('\n'));
}); // prettier-ignore

test('rows that fit keep their reason beside them; without a terminal a reason is never broken', async () => {
  const table = { head, rows: [row('redis', long), row('web', 'no')] };
  const piped = await tableText(table);
  expect(piped).toContain(`\n    ${long}\n`);
  expect(piped).toMatch(/^web .* 0 +no$/m);
  const lines = (await tableText(table, terminal)).split('\n');
  expect(lines.filter((line) => line.startsWith('    ')).join(' ').replace(/ +/g, ' ').trim()).toContain(long);
}); // prettier-ignore

test('no line is wider than the terminal, and no word is lost or broken, whatever the cells hold', async () => {
  const word = fc.stringMatching(/^[a-z:]{1,20}$/);
  const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(' '));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(word, fc.constantFrom('ok', 'wrong'), text, text)), fc.integer({ min: 60, max: 200 }), async (rows, width) => {
      const shown = await tableText({ head: ['check', 'state', 'found', 'what to do'], rows }, { width, wrap: true, colour: false });
      expect(Math.max(0, ...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
      const words = (from: string) => from.split(/\s+/).filter(Boolean);
      expect(words(shown).slice(6)).toEqual(rows.length === 0 ? [] : words(rows.flat().join(' ')));
    }),
  );
}); // prettier-ignore

test('sixty thousand rows are no matter', async () => {
  const rows = Array.from({ length: 60_000 }, (_, index) => [
    `node${index}`,
    'keep',
    index % 2 === 0 ? long : 'short',
  ]);
  const shown = await tableText({ head: ['node', 'decision', 'reason'], rows });
  expect(shown.split('\n').length).toBeGreaterThan(60_000);
});

test('states have a colour on a terminal, and nothing else has', async () => {
  const table = {
    head: ['check', 'state', 'why'],
    rows: [
      ['ok', 'wrong', 'ok'],
      ['a', 'ok', 'b'],
    ],
  };
  const shown = await tableText(table, { ...terminal, colour: true });
  expect(shown.replace(/\u001b\[\d+m/g, '')).toBe(await tableText(table, terminal));
  expect(shown).not.toContain('\u001b[32mok\u001b[39m     wrong');
});

test.each<[string, { isTTY?: boolean; columns?: number }, NodeJS.ProcessEnv, object]>([
  ['a terminal', { isTTY: true, columns: 120 }, {}, { width: 120, wrap: true, colour: true }],
  ['a terminal with NO_COLOR', { isTTY: true, columns: 120 }, { NO_COLOR: '1' }, { width: 120, wrap: true, colour: false }],
  ['a terminal that can do little', { isTTY: true }, { TERM: 'dumb' }, { width: 80, wrap: true, colour: false }],
  ['a pipe', {}, {}, { width: 100, wrap: false, colour: false }],
])('%s is shown as wide and as coloured as it takes', (_, stdout, env, expected) => {
  expect(screenOf(stdout, env)).toEqual(expected);
}); // prettier-ignore

test('what is indented stays indented when it is broken', () => {
  expect(wrapped('  one two three', 9)).toEqual(['  one two', '  three']);
  expect(wrapped('abcdefghij k', 5)).toEqual(['abcdefghij', 'k']);
});
