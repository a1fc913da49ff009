import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { className, verdictXml, writeVerdict } from '../../src/verify/verdict-junit.ts';
import type { ResourceOutcome, RunVerdict } from '../../src/verify/verdict.ts';
import { suiteOf } from '../cli/junit-suite.ts';

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
  verified: true,
  startedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  problems: [],
  resources: [],
  counts: { changed: 0, unchanged: 0, failed: 0, skipped: 0 },
  ...over,
});

describe('the JUnit file of a node', () => {
  test('begins with the run, then has a case for each resource with its class, name and time', () => {
    const suite = suiteOf(
      verdictXml(verdict({ resources: [resource(), resource({ resource: 'File[/b]', seconds: 0.5 })] })),
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
    const [run] = suiteOf(verdictXml(verdict({ verified: false, problems: [...problems] }))).testcase;
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
    const suite = suiteOf(verdictXml(verdict({ resources: [failed] })));
    expect(suite.failures).toBe('1');
    expect(suite.testcase[1]?.failure).toEqual({
      message: 'mode: 1 → 2: no (a/init.pp:7)',
      type: 'failed',
      '#text': 'mode: 1 → 2: no (a/init.pp:7)\nmore',
    });
  });

  test('names file and line in the heading of a failure that is too long for one', () => {
    const failed = resource({ result: 'failed', file: 'a/init.pp', line: 7, messages: ['x'.repeat(5_000)] });
    const [, read] = suiteOf(verdictXml(verdict({ resources: [failed] }))).testcase;
    expect(read?.failure?.message).toBe(`${'x'.repeat(1_000)}… (a/init.pp:7)`);
    expect(read?.failure?.['#text']).toBe(`${'x'.repeat(5_000)} (a/init.pp:7)`);
  });

  test('shows as skipped what a failed dependency kept from running', () => {
    const skipped = resource({
      result: 'skipped',
      messages: ['skipped because Exec[a] failed (a.pp:1)', 'Skipping because of failed dependencies'],
      log: ['warning: Skipping because of failed dependencies'],
    });
    const suite = suiteOf(verdictXml(verdict({ resources: [skipped] })));
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
    expect(verdictXml(verdict({ resources: resources.toReversed() }))).toBe(
      verdictXml(verdict({ resources })),
    );
  });

  test('has what Puppet logged as what the case printed', () => {
    const changed = resource({
      result: 'changed',
      log: ['notice: content changed', 'notice: \n@@ -1 +1 @@\n-a\n+b'],
    });
    const suite = suiteOf(verdictXml(verdict({ resources: [changed] })));
    expect(suite.testcase[1]?.['system-out']).toBe('notice: content changed\nnotice: \n@@ -1 +1 @@\n-a\n+b');
  });

  test('has what servers of the image showed', () => {
    const imageCases = [
      { name: 'boots', problems: [] },
      { name: 'has no keys', problems: ['/root/.ssh/key', 'more'] },
    ];
    const suite = suiteOf(verdictXml(verdict({ verified: false, imageCases })));
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
    expect(verdictXml(verdict({ resources: [resource({ seconds: 1.5e-7 })] }))).not.toMatch(/time="[^"]*e/);
  });
});

test.each([
  [['Stage[main]', 'Redis::Config'], 'redis.Redis.Config'],
  [['Stage[main]', 'Main', 'Node[default]'], 'redis.Main.Node[default]'],
  [['Stage[main]', 'Redis', 'Redis::Conf[a.conf]'], 'redis.Redis.Redis::Conf[a_conf]'],
  [['Stage[setup]', 'Apt'], 'redis.Stage[setup].Apt'],
  [[], 'redis.Puppet'],
])('what is contained in %j is of class %s', (containedIn, expected) => {
  expect(className('redis', containedIn)).toBe(expected);
});

describe('writing the file', () => {
  test('makes the folder of a node that was never baked', async () => {
    const reports = mkdtempSync(join(tmpdir(), 'junit '));
    try {
      await writeVerdict(reports, verdict());
      expect(readFileSync(join(reports, 'redis/junit.xml'), 'utf8')).toBe(verdictXml(verdict()));
    } finally {
      rmSync(reports, { recursive: true });
    }
  });

  test('says what to do when the folder cannot be written', async () => {
    const reports = mkdtempSync(join(tmpdir(), 'junit '));
    try {
      writeFileSync(join(reports, 'redis'), 'a file, not a folder');
      await expect(writeVerdict(reports, verdict())).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining('--reports'),
      });
    } finally {
      rmSync(reports, { recursive: true });
    }
  });
});
