import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { character, fc } from '../runs.ts';
import { parseDurationMs } from '../../src/cli/flags.ts';
import { plainProgress } from '../../src/cli/progress.ts';
import {
  durationText,
  printable,
  printableJson,
  printableLines,
  printableMarkup,
} from '../../src/lib/printable.ts';
import { tableText } from '../../src/cli/table.ts';
import { root } from '../cli/stage-process.ts';

/** Counted here on its own: by ranges, not by the properties that the code uses. */
const dangerous =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/u;
const nasty = fc.constantFrom('\n', '\r', '\u001b[2K', '\u001b]0;x\u0007', '\u009b31m', '\u202e', '\u2066', '\u200b', '\u{e0041}', '\ud800', '\u2028', '\nweb  proved  ami-0123', '<a href=x>', '\t'); // prettier-ignore
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: character }), fc.string({ unit: 'grapheme' })))
  .map((parts) => parts.join(''));

/** Fails unless the text is shown by a terminal as it stands. */
function expectSafe(line: string): void {
  expect(dangerous.exec(line)?.[0]).toBeUndefined();
  expect(line.isWellFormed()).toBe(true);
}

test.each([
  ['a\u001b[31mred\u001b[0m b', 'ared b'],
  ['a\r\n  b\tc', 'a b c'],
  ['\u001b[2J\u001b[H', '\\u001b[2J\\u001b[H'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['Zürich → 東京 👩‍💻', 'Zürich → 東京 👩\\u200d💻'],
  ['❤️', '❤️'],
])('%j is printed as %j', (from, to) => {
  expect(printable(from)).toBe(to);
});

describe('whatever somebody wrote', () => {
  test('a line is one line that a terminal only shows', () => {
    fc.assert(
      fc.property(text, (any) => {
        expectSafe(printable(any));
        for (const line of printableLines(any)) expectSafe(line);
        expectSafe(printableMarkup(any));
        expect(printableMarkup(any)).not.toMatch(/[<>]/);
        const lines: string[] = [];
        const progress = plainProgress(
          (line) => lines.push(printable(line)),
          () => 0,
        );
        progress.say(any, any);
        lines.forEach(expectSafe);
      }),
    );
  });

  test('a table has its rows and no others', async () => {
    const cell = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }), async (rows) => {
        const table = await tableText({ head: ['a', 'b'], rows: rows.map((row) => ['x', ...row]) });
        const lines = table.trimEnd().split('\n');
        lines.forEach(expectSafe);
        expect(lines.filter((line) => /^(?:A|x)(?: |$)/.test(line))).toHaveLength(rows.length + 1);
      }),
    );
  });

  test('JSON is safe, and the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        const json = printableJson(value);
        json.split('\n').forEach(expectSafe);
        expect(JSON.parse(json)).toEqual(value);
      }),
    );
  });
});

test('only src/cli/print.ts writes to the terminal, so nothing is printed unseen', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const stages = files.filter((file) => file.endsWith('.ts') && !file.startsWith('local-cloud/'));
  const writers = stages.filter((file) => {
    const code = readFileSync(join(root, 'src', file), 'utf8');
    return /process\.std(?:out|err)\.(?!isTTY|columns)|\bconsole\.(?:log|error|warn|info|table)\(|'inherit'|writeSync\(/.test(code);
  }); // prettier-ignore
  expect(writers).toEqual(['cli/print.ts']);
});

test('a duration that a flag takes is shown with all that it is, and in no smaller unit than it needs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('s', 'm', 'h'), (number, unit) => {
      const ms = parseDurationMs(`${number}${unit}`) ?? NaN;
      const shown = /^(\d+) (s|min|h)$/.exec(durationText(ms));
      expect(parseDurationMs(`${shown?.[1] ?? ''}${shown?.[2]?.[0] ?? ''}`)).toBe(ms);
      expect(Number(shown?.[1])).toBeLessThanOrEqual(number);
    }),
  );
});
