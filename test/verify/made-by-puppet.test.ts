import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { notApplied } from '../../src/verify/report-problems.ts';
import { parseReport, type Report } from '../../src/puppet/report/report.ts';
import { baked } from './evidence.ts';

/**
 * Reports that Puppet itself wrote: the Ruby classes of each version applied a small catalog (with stubs for what today's
 * Ruby lacks) and dumped their report. In `failed` a command fails and a file depends on it; in `left` a file is out of
 * its schedule's hours and another has `noop => true`. Its configuration version is a commit's author and subject. Those of
 * OpenVox are of Debian sid's openvox-agent on Debian 13, of the same manifests.
 */
const folder = new URL('../puppet/fixtures/made-by/', import.meta.url);
const version = "abc1234 by Conor O'Brien, Don't break";
const announced = `\u001b[0;32mInfo: Applying configuration version '${version}'\u001b[0m\n`;
const reports = readdirSync(folder).map((file): [string, Report] => [
  file.replace('.yaml', ''),
  parseReport(readFileSync(new URL(file, folder), 'utf8')),
]);
const of = (kind: string) => reports.filter(([name]) => name.endsWith(kind));

const judge = (report: Report, allowed: true | string[] = [], console = announced) => {
  const at = new Date(report.timeMs).toISOString();
  const bake = { ...baked, startedAt: at, finishedAt: at, puppetExitCode: 2 };
  return judgeRun('redis', bake, { report, console }, [], allowed);
};
const reasons = (verdict: ReturnType<typeof judge>) => verdict.problems.map(({ reason }) => reason);

test('there are reports of Puppet 4 to 8 and of OpenVox 9', () => {
  const majors = reports.map(([name]) => name.split('.')[0]);
  expect([...new Set(majors)].sort()).toEqual(['4', '5', '6', '7', '8', 'openvox-9']);
});

test.each(of('failed'))('%s says what failed and what was skipped for it', (_, report) => {
  const result = (name: string) => report.resources.find(({ resource }) => resource === name);
  expect(result('Exec[fails]')).toMatchObject({ failed: true, line: 7 });
  expect(result('File[/tmp/applied/skipped]')).toMatchObject({ skipped: true });
  expect(result('Notify[2e5]')).toMatchObject({ title: '2e5', changed: true });
  expect(report.logs.map(({ message }) => message)).toContain('1e3');
  expect(report.configurationVersion).toBe(version);
  expect(notApplied(report)).toEqual([]);
});

describe.each(of('left'))('%s, in which nothing failed and not all was applied', (_, report) => {
  test('rejects the image, and names what was left out and why', () => {
    expect(notApplied(report).map(({ resource, how }) => [resource.resource, how])).toEqual([
      ['File[/tmp/applied/scheduled]', 'skipped'],
      ['File[/tmp/applied/noop]', 'noop'],
    ]);
    expect(judge(report)).toMatchObject({ verified: false });
    expect(judge(report).problems).toMatchObject([
      {
        reason: 'not-applied',
        line: 7,
        message: expect.stringContaining('and 1 more'),
      },
    ]);
  });

  test('verifies the image where nodes.yaml allows all of that, and only then', () => {
    const both = ['File[/tmp/applied/scheduled]', 'File[/tmp/applied/noop]'];
    expect(judge(report, true)).toMatchObject({ verified: true });
    expect(judge(report, both)).toMatchObject({ verified: true });
    expect(reasons(judge(report, both.slice(1)))).toEqual(['not-applied']);
  });

  test('is known by its configuration version, quotes and all', () => {
    const other = (text: string) =>
      reasons(judge(report, true, `Info: Applying configuration version '${text}'\n`));
    expect(other(version)).toEqual([]);
    for (const text of ['abc1234 by Conor O', `${version}s`, version.slice(1), `x${version}`, ''])
      expect(other(text)).toEqual(['other-transaction']);
  });
});
