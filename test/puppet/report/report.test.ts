import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readEvidence } from '../../../src/verify/read-evidence.ts';
import { parseReport } from '../../../src/puppet/report/report.ts';
import { reportText } from '../../verify/evidence.ts';

/** Ten of ten of ten …: 10^12 in 13 lines. */
const laughs = Array.from('abcdefghijklm')
  .map(
    (name, index, names) =>
      `${name}: &${name} [${`*${names[index - 1] ?? ''},`.replace('*,', 'x,').repeat(10)}]`,
  )
  .join('\n');
/** Each holds the one before it; the keys are numbers, so that the last comes first. */
const chain = [
  'x: &a0 [x]',
  ...Array.from({ length: 200 }, (_, n) => `${999 - n}: &a${n + 1} [*a${n}]`),
].join('\n');

describe('a report of Puppet', () => {
  test('is read with its time, its logs and its resources in order', () => {
    const report = parseReport(reportText('changed'));
    expect(report).toMatchObject({
      format: 12,
      puppetVersion: '7.23.0',
      status: 'changed',
      completed: true,
      noop: false,
    });
    expect(new Date(report.timeMs).toISOString()).toMatch(/^2026-11-23T04:16/);
    expect(report.resources.map(({ resource }) => resource).slice(0, 2)).toEqual([
      'File[/etc/redis/kept.conf]',
      'File[/etc/redis/redis.conf]',
    ]);
    expect(report.resources[1]).toMatchObject({ changed: true, line: 6, events: [{ property: 'ensure' }] });
  });

  test('is read with the marks and aliases of older Ruby', () => {
    expect(parseReport(reportText('older')).resources).toMatchObject([
      { resource: 'Service[redis]', failed: true, events: [{ previousValue: 'stopped', status: 'failure' }] },
    ]);
  });

  test.each([
    ['nothing', '', 'it is empty'],
    ['no YAML', 'a: [', 'it is not YAML'],
    ['a page of HTML', '<!DOCTYPE html><html><body>502</body></html>', 'bare text, not fields'],
    ['a list', '- a', 'a list, not fields'],
    ['bytes', '\u0001\u0002\ufffd\0', 'it is not YAML'],
    ['10 million aliases', `a: &a x\nb: [${'*a,'.repeat(10_000_000)}]`, 'more than 1000000 aliases'],
    ['aliases of aliases', laughs, 'its aliases unfold to more than 100 MB'],
    ['an alias to itself', 'a: &a [*a]', 'an alias in it contains itself'],
    ['nested too deeply', '['.repeat(100_000), 'nesting exceeded'],
    ['a chain of aliases', chain, 'nested deeper than 100'],
    ['another document', 'a: 1', 'it is not a report of Puppet'],
    ['a mark that is not of Ruby', '--- !python/object:x\na: 1', 'report_format is missing'],
    ['an unknown format', reportText('changed').replace('format: 12', 'format: 13'), 'is newer than 12'],
    ['one cut off in the middle', reportText('changed').slice(0, 4000), 'it is not'],
    [
      'one cut off between two resources',
      reportText('changed').replace(/ {2}Schedule\[hourly\]:[^]*/, ''),
      'corrective_change is missing',
    ],
    [
      'no word whether it finished',
      reportText('changed').replace(/transaction_completed.*\n/, ''),
      'transaction_completed is missing',
    ],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => parseReport(text)).toThrow(message);
  });
});

describe('the evidence of a run', () => {
  let reports = '';
  beforeEach(() => {
    reports = mkdtempSync(join(tmpdir(), 'evidence '));
    mkdirSync(join(reports, 'redis'));
  });
  afterEach(() => {
    rmSync(reports, { recursive: true });
  });
  const write = (name: string, text: string) => {
    writeFileSync(join(reports, 'redis', name), text);
  };

  test('is the report and what Puppet printed', async () => {
    write('puppet-report.yaml', reportText('changed'));
    write('puppet-console.log', 'Error: x\n');
    expect(await readEvidence(reports, 'redis')).toMatchObject({
      report: { status: 'changed' },
      console: 'Error: x\n',
    });
  });

  test.each([
    ['missing', undefined, 'no-report'],
    ['empty', '', 'no-report'],
    ['broken', 'a: [', 'unreadable-report'],
    ['too large', 'x'.repeat(33 * 1024 * 1024), 'unreadable-report'],
  ])('says that the report is %s', async (_, text, missing) => {
    if (text !== undefined) write('puppet-report.yaml', text);
    expect(await readEvidence(reports, 'redis')).toMatchObject({ report: { missing }, console: '' });
  });

  test('says that there is a folder where the report should be', async () => {
    mkdirSync(join(reports, 'redis/puppet-report.yaml'));
    expect((await readEvidence(reports, 'redis')).report).toEqual({
      missing: 'unreadable-report',
      message: expect.stringContaining('it is a folder, not a file'),
    });
  });
});
