import { describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';
import { character, fc } from '../../runs.ts';
import { parseRubyTexts, parseRubyYaml } from '../../../src/puppet/report/ruby-yaml.ts';

/** What Ruby's own Psych, which Puppet writes its reports with, makes of a list of values given as JSON. */
function psych(script: string, input: unknown): string {
  const { stdout } = execaSync('ruby', ['-rjson', '-ryaml', '-rbase64', '-e', script], {
    input: JSON.stringify(input),
    stripFinalNewline: false,
  });
  return stdout;
}

/** Texts that a reader takes for something else: numbers of 1.1 and 1.2, truth values, dates, marks, white space. */
const odd = [
  ...[
    '12345e7',
    '1e3',
    '2e5',
    '0777',
    '0o17',
    '0x1f',
    '0b1',
    '1_000',
    '1,000',
    '1:30',
    '1:30:00',
    '+1',
    '-0',
  ],
  ...[
    '.5',
    '5.',
    '1.10',
    '.inf',
    '-.INF',
    '.nan',
    'NaN',
    'yes',
    'No',
    'on',
    'OFF',
    'y',
    'n',
    'true',
    'False',
  ],
  ...[
    '~',
    'null',
    'NULL',
    'nil',
    '',
    ' ',
    '=',
    '<<',
    '2001-01-01',
    '2001-01-01 10:00:00',
    '00420',
    '- a',
    '? b',
  ],
  ...[
    ': c',
    ':sym',
    ':"a b"',
    '!foo',
    '!ruby/sym x',
    '&a',
    '*a',
    '%x',
    '@x',
    '`x`',
    '# x',
    'a # b',
    'a: b',
    '[a]',
  ],
  ...[
    '{a}',
    '|',
    '>',
    '---',
    '...',
    "it's",
    '"q"',
    '\\',
    'a\nb',
    'a\n',
    '\n',
    '\ta',
    'a \n b',
    'é',
    '\u2028',
    '\u2028     a\nb',
    'a\u2028   b\nc',
    'a\u2029b',
    'a\u2028\u2028b\n\n\u2029 c',
    '\u0085',
    '\u0085   a\nb',
  ],
  ...['\u0000', '\u001b[31m', '\ufeff', '\u{1f600}', 'x'.repeat(200), `${'long words '.repeat(20)}end`],
];
const text = fc.oneof(
  fc.constantFrom(...odd),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: character, maxLength: 10 }),
  fc.stringMatching(/^[-+]?[\d._:,exob]{1,12}$/),
  fc.array(fc.constantFrom(...odd), { maxLength: 3 }).map((parts) => parts.join(' ')),
);
const lineEnd = /[\u2028\u2029]/;
/** Ruby writes U+2028 as a line's end; it comes back as white space of another kind. */
const spaced = (value: unknown) => JSON.stringify(value).replace(/(?:\s|\\n)+/gu, ' ');
const wellFormed = text.map((one) => one.toWellFormed());

describe('YAML that Ruby wrote', () => {
  test('gives each text back as it was, whatever it looks like, as a value, in a list and as a key', () => {
    // Psych itself fails at some, such as `0b,`: no report can hold them.
    const dump = `whole = JSON.parse(STDIN.read).map { |t| {"value" => t, "list" => [t, [t]], "key" => {t => 1}} }
      puts YAML.dump(whole.map { |one| (YAML.dump(one); one) rescue nil })`;
    fc.assert(
      fc.property(fc.array(wellFormed, { minLength: 100, maxLength: 300 }), (texts) => {
        const read = parseRubyTexts(psych(dump, texts)) as (Record<string, unknown> | null)[];
        expect(read.length).toBe(texts.length);
        expect(read.filter((one) => one === null).length).toBeLessThan(texts.length / 10);
        for (const [index, one] of texts.entries()) {
          if (read[index] === null) continue;
          const same = { value: one, list: [one, [one]], key: { [one]: '1' } };
          if (!lineEnd.test(one)) expect(read[index]).toEqual(same);
          else expect(spaced(read[index])).toBe(spaced(same));
        }
      }),
      { numRuns: 15, examples: [[odd]] },
    );
  });

  test('gives a text that is not UTF-8 back as well as text can hold it', () => {
    const dump =
      'puts YAML.dump(JSON.parse(STDIN.read).map { |t| Base64.decode64(t).force_encoding("BINARY") })';
    const bytes = [
      [0xff, 0xfe],
      [0x61, 0xc3, 0x28],
      [0xe2, 0x82],
    ].map((list) => Buffer.from(list));
    const read = parseRubyTexts(
      psych(
        dump,
        bytes.map((one) => one.toString('base64')),
      ),
    );
    expect(read).toEqual(bytes.map((one) => one.toString('utf8')));
  });

  test('has the numbers and truth values that Ruby itself reads', () => {
    const load =
      'puts JSON.generate(JSON.parse(STDIN.read).map { |t| v = YAML.unsafe_load(t) rescue nil; Numeric === v && v.to_f.finite? || v == true || v == false ? v : nil })';
    const plain = [
      ...odd,
      '12',
      '-7',
      '1.5',
      '6.0221e+23',
      '1e-05',
      '1.0e-05',
      '0',
      '00',
      '08',
      '1__0',
      '1:60',
    ];
    const scalar = plain.filter((one) => /^[-+.\w:,]+$/.test(one) && !one.startsWith(':'));
    const ruby = JSON.parse(psych(load, scalar)) as unknown[];
    const ours = scalar
      .map((one) => parseRubyYaml(one))
      .map((one) =>
        typeof one === 'number' ? (Number.isFinite(one) ? one : null) : typeof one === 'boolean' ? one : null,
      );
    expect(Object.fromEntries(scalar.map((one, index) => [one, ours[index]]))).toEqual(
      Object.fromEntries(scalar.map((one, index) => [one, ruby[index]])),
    );
  });
});
