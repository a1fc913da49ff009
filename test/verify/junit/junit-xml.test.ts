import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { className } from '../../../src/verify/junit/class-name.ts';
import { junitXml } from '../../../src/verify/junit/junit-xml.ts';
import { writeJunit } from '../../../src/verify/junit/write-junit.ts';
import { attributeText, xmlText } from '../../../src/verify/junit/xml-text.ts';
import type { ResourceOutcome, RunVerdict } from '../../../src/verify/verdict.ts';
import { schemaProblems } from './junit-schema.ts';

const resource = (over: Partial<ResourceOutcome> = {}): ResourceOutcome => ({
  resource: 'File[/a]',
  containedIn: ['Stage[main]', 'Redis'],
  result: 'unchanged',
  seconds: 0.25,
  messages: [],
  ...over,
});
const verdict = (over: Partial<RunVerdict> = {}): RunVerdict => ({
  node: 'redis',
  imageId: 'ami-0a',
  run: 'run-1',
  proved: true,
  startedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  problems: [],
  resources: [],
  counts: { changed: 0, unchanged: 0, failed: 0, skipped: 0 },
  ...over,
});

interface Case {
  classname: string;
  name: string;
  time?: string;
  failure?: { message: string; type: string; '#text': string };
  skipped?: { message: string };
  'system-out'?: string;
}
interface Suite {
  name: string;
  tests: string;
  failures: string;
  skipped: string;
  timestamp?: string;
  time: string;
  properties?: { property: { name: string; value: string }[] };
  testcase: Case[];
}
/** The one suite of a file, which is valid against Jenkins' schema. */
function suiteOf(xml: string): Suite {
  expect(xml).toBe(xmlText(xml));
  expect(schemaProblems(xml)).toEqual([]);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    htmlEntities: true,
    trimValues: false,
    isArray: (name) => ['testcase', 'property'].includes(name),
  });
  return (parser.parse(xml) as { testsuites: { testsuite: Suite } }).testsuites.testsuite;
}

describe('the JUnit file of a node', () => {
  test('begins with the run, then has a case for each resource with its class, name and time', () => {
    const suite = suiteOf(
      junitXml(verdict({ resources: [resource(), resource({ resource: 'File[/b]', seconds: 0.5 })] })),
    );
    expect(suite).toMatchObject({
      name: 'redis',
      tests: '3',
      failures: '0',
      skipped: '0',
      time: '0.75',
      timestamp: '2026-01-02T03:04:05.000Z',
      properties: {
        property: [
          { name: 'image', value: 'ami-0a' },
          { name: 'run', value: 'run-1' },
        ],
      },
    });
    expect(suite.testcase).toEqual([
      { classname: 'redis.Puppet', name: 'puppet run' },
      { classname: 'redis.Redis', name: 'File[/a]', time: '0.25' },
      { classname: 'redis.Redis', name: 'File[/b]', time: '0.5' },
    ]);
  });

  test('fails the run with its first problem as the message and all of them as the text', () => {
    const problems = [
      {
        reason: 'no-report',
        message: 'no report: Syntax error',
        file: 'manifests/site.pp',
        line: 3,
        column: 5,
      },
      { reason: 'exit-code', message: 'exit code 1' },
    ] as const;
    const [run] = suiteOf(junitXml(verdict({ proved: false, problems: [...problems] }))).testcase;
    expect(run?.failure).toEqual({
      message: 'no report: Syntax error (manifests/site.pp:3:5)',
      type: 'no-report',
      '#text': 'no report: Syntax error (manifests/site.pp:3:5)\nexit code 1',
    });
  });

  test('fails a resource with what Puppet said, and file and line', () => {
    const failed = resource({
      result: 'failed',
      file: 'a/init.pp',
      line: 7,
      messages: ['mode: 1 → 2: no', 'more'],
    });
    const suite = suiteOf(junitXml(verdict({ resources: [failed] })));
    expect(suite.failures).toBe('1');
    expect(suite.testcase[1]?.failure).toEqual({
      message: 'mode: 1 → 2: no (a/init.pp:7)',
      type: 'failed',
      '#text': 'mode: 1 → 2: no (a/init.pp:7)\nmore',
    });
  });

  test('names file and line in the heading of a failure that is too long for one', () => {
    const failed = resource({ result: 'failed', file: 'a/init.pp', line: 7, messages: ['x'.repeat(5_000)] });
    const [, read] = suiteOf(junitXml(verdict({ resources: [failed] }))).testcase;
    expect(read?.failure?.message).toBe(`${'x'.repeat(1_000)}… (a/init.pp:7)`);
    expect(read?.failure?.['#text']).toBe(`${'x'.repeat(5_000)} (a/init.pp:7)`);
  });

  test('shows as skipped what a failed dependency kept from running', () => {
    const skipped = resource({
      result: 'skipped',
      messages: ['skipped because Exec[a] failed (a.pp:1)', 'Skipping because of failed dependencies'],
      log: ['warning: Skipping because of failed dependencies'],
    });
    const suite = suiteOf(junitXml(verdict({ resources: [skipped] })));
    expect(suite).toMatchObject({ failures: '0', skipped: '1' });
    expect(suite.testcase[1]?.skipped).toEqual({ message: 'skipped because Exec[a] failed (a.pp:1)' });
    expect(suite.testcase[1]?.['system-out']).toBe('warning: Skipping because of failed dependencies');
  });

  test('is the same whatever the order of the resources', () => {
    const resources = [
      resource({ resource: 'File[/b]' }),
      resource(),
      resource({ resource: 'Package[x]', containedIn: ['Stage[main]', 'Base'] }),
    ];
    expect(junitXml(verdict({ resources: resources.toReversed() }))).toBe(junitXml(verdict({ resources })));
  });

  test('has what Puppet logged as what the case printed', () => {
    const changed = resource({
      result: 'changed',
      log: ['notice: content changed', 'notice: \n@@ -1 +1 @@\n-a\n+b'],
    });
    const suite = suiteOf(junitXml(verdict({ resources: [changed] })));
    expect(suite.testcase[1]?.['system-out']).toBe('notice: content changed\nnotice: \n@@ -1 +1 @@\n-a\n+b');
  });

  test('has what servers of the image showed', () => {
    const imageCases = [
      { name: 'boots', problems: [] },
      { name: 'has no keys', problems: ['/root/.ssh/key', 'more'] },
    ];
    const suite = suiteOf(junitXml(verdict({ proved: false, imageCases })));
    expect(suite.testcase.slice(1)).toMatchObject([
      { classname: 'redis.Image', name: 'boots' },
      {
        classname: 'redis.Image',
        name: 'has no keys',
        failure: { message: '/root/.ssh/key', type: 'image', '#text': '/root/.ssh/key\nmore' },
      },
    ]);
  });

  test('writes no time with an exponent', () => {
    expect(junitXml(verdict({ resources: [resource({ seconds: 1.5e-7 })] }))).not.toMatch(/time="[^"]*e/);
  });

  test('can be read whatever Puppet said', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        'a',
        ']',
        '>',
        ']]>',
        '<',
        '&',
        '"',
        '\n',
        '\0',
        '\u001b',
        '\ud800',
        '\udc00',
        '\uffff',
        '😀',
        '→',
      ),
    });
    fc.assert(
      fc.property(nasty, nasty, (name, message) => {
        const failed = resource({ resource: `File[${name}]`, result: 'failed', messages: [message] });
        const [, read] = suiteOf(junitXml(verdict({ resources: [failed] }))).testcase;
        expect(read?.name).toBe(attributeText(`File[${name}]`));
        expect(read?.failure?.['#text'] ?? '').toBe(xmlText(message));
        expect(read?.failure?.message ?? '').toBe(attributeText(message));
      }),
    );
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
  expect(attributeText(' a\n\t b ')).toBe('a b');
  expect(attributeText('😀'.repeat(1_000))).toBe(`${'😀'.repeat(500)}…`);
  expect(attributeText(`a${'😀'.repeat(1_000)}`)).toBe(`a${'😀'.repeat(499)}…`);
});

test('text loses only what XML cannot carry', () => {
  expect(xmlText('a\0b\u001bc\uffffd\ud800e\udc00f')).toBe('abcdef');
  expect(xmlText('tab\tline\n→ 😀 é')).toBe('tab\tline\n→ 😀 é');
});

test.each([
  [['Stage[main]', 'Redis::Config'], 'redis.Redis.Config'],
  [['Stage[main]', 'Main', 'Node[default]'], 'redis.Main.Node[default]'],
  [['Stage[main]', 'Redis', 'Redis::Conf[a.conf]'], 'redis.Redis.Redis::Conf[a_conf]'],
  [['Stage[setup]', 'Apt'], 'redis.Stage[setup].Apt'],
  [[], 'redis.Puppet'],
])('what is contained in %j is of class %s', (containedIn, expected) => {
  expect(className('redis', { containedIn })).toBe(expected);
});

describe('writing the file', () => {
  test('makes the folder of a node that was never baked', async () => {
    const reports = mkdtempSync(join(tmpdir(), 'junit '));
    try {
      await writeJunit(reports, verdict());
      expect(readFileSync(join(reports, 'redis/junit.xml'), 'utf8')).toBe(junitXml(verdict()));
    } finally {
      rmSync(reports, { recursive: true });
    }
  });

  test('says what to do when the folder cannot be written', async () => {
    const reports = mkdtempSync(join(tmpdir(), 'junit '));
    try {
      writeFileSync(join(reports, 'redis'), 'a file, not a folder');
      await expect(writeJunit(reports, verdict())).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining('--reports'),
      });
    } finally {
      rmSync(reports, { recursive: true });
    }
  });
});
