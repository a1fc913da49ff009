import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readEvidence } from '../../src/puppet/read-evidence.ts';
import { parseReport } from '../../src/puppet/report.ts';
import { reportText } from './evidence.ts';

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
    ['another document', 'a: 1', 'it is not a report of Puppet'],
    ['a mark that is not of Ruby', '--- !python/object:x\na: 1', 'it is not YAML'],
    ['an unknown format', reportText('changed').replace('format: 12', 'format: 13'), 'is newer than 12'],
    ['one cut off in the middle', reportText('changed').slice(0, 4000), 'it is not'],
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
  ])('says that the report is %s', async (_, text, missing) => {
    if (text !== undefined) write('puppet-report.yaml', text);
    expect(await readEvidence(reports, 'redis')).toMatchObject({ report: { missing }, console: '' });
  });
});
