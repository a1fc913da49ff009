import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { type CaseResult, failure, junitXml, oneLine, type TestCase, xmlText } from '../../src/cli/junit.ts';
import { schemaProblems } from './junit-schema.ts';
import { suiteOf } from './junit-suite.ts';

describe('a JUnit file', () => {
  test('has its counts, times and properties in the suite, and each case with its result', () => {
    const cases: TestCase[] = [
      { className: 'redis.Redis', name: 'good', seconds: 0.25 },
      {
        className: 'redis.Redis',
        name: 'bad',
        result: { kind: 'failure', message: 'm', type: 't', text: 'x' },
      },
      { className: 'redis.Image', name: 'wrong', result: { kind: 'error', message: 'e', text: 'why' } },
      {
        className: 'redis.Redis',
        name: 'left',
        result: { kind: 'skipped', message: 's' },
        log: ' l\n  <o> & ]]>g',
      },
    ];
    const head = {
      name: 'redis',
      seconds: 0.5,
      startedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
      properties: { image: 'ami-1', run: 'run-1' },
    };
    const xml = junitXml(head, cases);
    expect(xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites tests="4" failures="1" errors="1">\n/,
    );
    expect(suiteOf(xml)).toEqual({
      name: 'redis',
      tests: '4',
      failures: '1',
      errors: '1',
      skipped: '1',
      time: '0.5',
      timestamp: '2026-01-02T03:04:05.006Z',
      properties: {
        property: [
          { name: 'image', value: 'ami-1' },
          { name: 'run', value: 'run-1' },
        ],
      },
      testcase: [
        { classname: 'redis.Redis', name: 'good', time: '0.25' },
        { classname: 'redis.Redis', name: 'bad', failure: { message: 'm', type: 't', '#text': 'x' } },
        { classname: 'redis.Image', name: 'wrong', error: { message: 'e', '#text': 'why' } },
        {
          classname: 'redis.Redis',
          name: 'left',
          skipped: { message: 's' },
          'system-out': ' l\n  <o> & ]]>g',
        },
      ],
    });
  });

  test('without cases is valid', () => {
    const xml = junitXml({ name: 'plan', seconds: 0 }, []);
    expect(schemaProblems(xml)).toEqual([]);
    expect(xml).toContain('<testsuite name="plan" time="0" tests="0"');
  });

  test('writes no time with an exponent', () => {
    const xml = junitXml({ name: 'a', seconds: 1.5e-7 }, [{ className: 'a', name: 'b', seconds: 1.5e-6 }]);
    expect(xml).toContain('time="0"');
    expect(xml).toContain('time="0.000002"');
  });

  // Any text at all, and what XML, CDATA and JavaScript stumble over, in every place that takes a text.
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        'a',
        ' ',
        ']]>',
        '<![CDATA[',
        '&amp;',
        '<',
        '&',
        '"',
        "'",
        '\t',
        '\n',
        '\r',
        '\0',
        '\u001b',
      ),
      fc.constantFrom('\u0085', '\u2028', '\ud800', '\udc00', '\ufffe', '\uffff', '😀', '→'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    ),
  });

  test('gives every text back to a parser, but for what XML cannot carry', () => {
    const result = fc.record(
      { kind: fc.constantFrom<CaseResult['kind']>('failure', 'error', 'skipped'), message: text, text },
      { requiredKeys: ['kind', 'message'] },
    );
    const one = fc.record(
      {
        className: text,
        name: text,
        seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        result,
        log: text,
      },
      { requiredKeys: ['className', 'name'] },
    );
    fc.assert(
      fc.property(text, text, fc.array(one, { maxLength: 4 }), (name, run, cases) => {
        const xml = junitXml({ name, seconds: 1, properties: { run } }, cases);
        expect(xml).toBe(xmlText(xml));
        const suite = suiteOf(xml);
        expect(suite.name).toBe(oneLine(name));
        expect(suite.properties?.property).toEqual([{ name: 'run', value: oneLine(run) }]);
        const read = (suite.testcase as unknown as Record<string, unknown>[] | undefined) ?? [];
        expect(read.length).toBe(cases.length);
        for (const [index, { className, name: title, result: end, log }] of cases.entries()) {
          expect(read[index]).toMatchObject({ classname: oneLine(className), name: oneLine(title) });
          const found = end && (read[index]?.[end.kind] as Record<string, string> | undefined);
          expect(found?.message).toBe(end && xmlText(end.message));
          expect(found?.['#text'] ?? '').toBe(xmlText(end?.text ?? ''));
          expect(read[index]?.['system-out'] ?? '').toBe(xmlText(log ?? ''));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a failure', () => {
  const withPlace = (message: string) => `${message} (a.pp:1)`;

  test('has the first message as its heading and all of them as its text', () => {
    expect(failure('t', ['a\nb', 'c'], withPlace)).toEqual({
      result: { kind: 'failure', type: 't', message: 'a b (a.pp:1)', text: 'a\nb (a.pp:1)\nc' },
    });
  });

  test('names its place also where the message is too long for a heading', () => {
    const { result } = failure('t', ['x'.repeat(5_000)], withPlace);
    expect(result?.message).toBe(`${'x'.repeat(1_000)}… (a.pp:1)`);
    expect(result?.text).toBe(`${'x'.repeat(5_000)} (a.pp:1)`);
  });

  test('without a message is none', () => {
    expect(failure('t', [])).toEqual({});
  });
});

test.each([
  ['what is no XML', '<testsuites>', 'not XML'],
  ['another root', '<a/>', 'the root is not one testsuites'],
  ['an unknown attribute', '<testsuites skipped="1"/>', 'testsuites: attribute skipped'],
  [
    'a suite without its counts',
    '<testsuites><testsuite name="a"/></testsuites>',
    'testsuites/testsuite: no tests',
  ],
  ['a case outside a suite', '<testsuites><testcase name="a"/></testsuites>', 'testsuites: child testcase'],
  ['a time with an exponent', '<testsuites time="1e-7"/>', 'testsuites: time 1e-7'],
])('the schema refuses %s', (_, xml, problem) => {
  expect(schemaProblems(xml).join('; ')).toContain(problem);
});

test('an attribute is one line, and bounded', () => {
  expect(oneLine(' a\n\t b ')).toBe('a b');
  expect(oneLine('😀'.repeat(1_000))).toBe(`${'😀'.repeat(500)}…`);
  expect(oneLine(`a${'😀'.repeat(1_000)}`)).toBe(`a${'😀'.repeat(499)}…`);
});

test('text loses only what XML cannot carry', () => {
  expect(xmlText('a\0b\u001bc\uffffd\ud800e\udc00f')).toBe('abcdef');
  expect(xmlText('tab\tline\n→ 😀 é')).toBe('tab\tline\n→ 😀 é');
});
