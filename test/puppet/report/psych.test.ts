import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { judgeRun } from '../../../src/verify/judge-run.ts';
import { parseReport } from '../../../src/puppet/report/report.ts';
import { parseRubyTexts } from '../../../src/puppet/report/ruby-yaml.ts';
import { baked, evidenceOf, reportText } from '../../verify/evidence.ts';

const odd = [
  ...[
    '1e3',
    '2e5',
    '12345e7',
    '0777',
    '0o17',
    '1_000',
    '1:30',
    '1:30:00',
    '.inf',
    '.nan',
    '1.5',
    '-0',
    '0x1f',
    '1,000',
  ],
  ...[
    '2001-01-01',
    '2001-01-01 10:00:00 Z',
    '~',
    'null',
    'yes',
    'No',
    'on',
    'off',
    'y',
    'n',
    'true',
    '=',
    '<<',
    '',
  ],
  ...[
    '- a',
    ': x',
    'a: b',
    'a #b',
    '#b',
    '!foo',
    '&a',
    '*a',
    ':foo',
    '{a',
    '[a',
    '%x',
    '@x',
    '`x',
    '|',
    '>',
    '? a',
    "it's",
    '"',
  ],
  ...[
    'a \n b  \n',
    '\n',
    '\n\n a',
    ' a',
    'a ',
    '\t',
    'a\tb',
    'a\r\nb',
    '\u0000',
    '\u0007\u001b[0m',
    '\u0085',
    '\u2028',
    'ü',
    '😀',
    '\ufeffa',
  ],
  ...[
    '-----BEGIN X',
    '---',
    '...',
    '--- a',
    'a\n---\nb',
    'x'.repeat(200),
    'word '.repeat(60),
    'a\n  b\n c\n\n\n',
  ],
];
/** One document of Ruby's for all of them: each as a value, as a key, in a list, and as bytes that are not UTF-8. */
function dumped(texts: string[]): string {
  const program =
    'puts YAML.dump(JSON.parse(STDIN.read).map { |s| {"value" => s, "list" => [s], "binary" => s.b} })';
  return execFileSync('ruby', ['-r', 'json', '-r', 'yaml', '-e', program], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
  });
}

test('whatever odd text Ruby dumps comes back the same', () => {
  const read = parseRubyTexts(dumped(odd)) as Record<string, unknown>[];
  expect(read.map(({ value }) => value)).toEqual(odd);
  expect(read.map(({ list }) => list)).toEqual(odd.map((one) => [one]));
  expect(read.map(({ binary }) => binary)).toEqual(odd);
});

test('a message that looks like a number leaves its report readable', () => {
  const report = parseReport(readFileSync(new URL('../fixtures/left-out.yaml', import.meta.url), 'utf8'));
  expect(report.logs.map(({ message }) => message)).toEqual(expect.arrayContaining(['1e3', '2e5']));
  expect(report.resources.map(({ title }) => title)).toContain('2e5');
});

const changed = reportText('changed');
const withVersion = (yaml: string) =>
  changed.replace(/^configuration_version: .*$/m, `configuration_version: ${yaml}`);

test.each([
  ['12345e7', '12345e7'],
  ["abc1234 by Conor O'Brien, Don't break", "abc1234 by Conor O'Brien, Don't break"],
  ["|-\n  one\n  two'", "one\ntwo'"],
  ["'0777'", '0777'],
])('the configuration version %j is the one that Puppet printed', (yaml, version) => {
  const reasonsFor = (printed: string) =>
    judgeRun(
      'redis',
      baked,
      evidenceOf(withVersion(yaml), `Info: Applying configuration version '${printed}'\nNotice: x\n`),
    ).problems.map(({ reason }) => reason);
  expect(reasonsFor(version)).toEqual([]);
  expect(reasonsFor(`${version}x`)).toEqual(['other-transaction']);
});

test.each<[string, string, RegExp, string]>([
  ['the line', 'line', /^ {4}line: .*$/gm, '    line: [odd]'],
  ['the time that it took', 'seconds', /^ {4}evaluation_time: .*$/gm, '    evaluation_time: soon'],
  ['a title', 'title', /^ {4}title: .*$/m, '    title: [odd]'],
  ['an old value that was never set', 'events', /^ {6}previous_value:.*\n/gm, ''],
])('an odd or missing field costs only itself: %s', (_, __, from, to) => {
  const text = changed.replace(from, to);
  expect(text).not.toBe(changed);
  expect(judgeRun('redis', baked, evidenceOf(text)).verified).toBe(true);
});
