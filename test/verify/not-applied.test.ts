import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { notApplied } from '../../src/verify/report-problems.ts';
import { parseReport } from '../../src/puppet/report/report.ts';
import { evidenceOf, reportText } from './evidence.ts';

/**
 * Written by Puppet 7.23 for `file { '…/scheduled': schedule => 'maint' }` outside its hours and `file { '…/noop':
 * noop => true }`, beside `noop => false`, a noop file in sync, a refreshonly exec, and one that `onlyif` kept back.
 */
const leftOut = readFileSync(new URL('../puppet/fixtures/left-out.yaml', import.meta.url), 'utf8');
const bake = {
  status: 'baked',
  run: 'run-1',
  imageId: 'ami-0a',
  startedAt: '2026-11-27T16:10:00.000Z',
  puppetExitCode: 2,
};
const judge = (...allow: [(boolean | string[])?]) => judgeRun('web', bake, evidenceOf(leftOut), [], ...allow);

describe('a bake in which Puppet left resources out without a failure', () => {
  test('has these, and not those that Puppet checked and found right', () => {
    const left = notApplied(parseReport(leftOut)).map(({ resource, how }) => [resource.resource, how]);
    expect(left).toEqual([
      ['File[/tmp/fixture/scheduled]', 'skipped'],
      ['File[/tmp/fixture/noop]', 'noop'],
    ]);
  });

  test('rejects the image, and names file and line', () => {
    const { verified, problems } = judge();
    expect(verified).toBe(false);
    expect(problems).toMatchObject([
      { reason: 'not-applied', file: expect.stringMatching(/site\.pp$/), line: 3 },
    ]);
  });

  test('verifies the image where nodes.yaml allows all of them', () => {
    expect(judge(true).verified).toBe(true);
    expect(judge(['File[/tmp/fixture/scheduled]', 'File[/tmp/fixture/noop]']).verified).toBe(true);
  });

  test('rejects the image where nodes.yaml allows only some', () => {
    expect(judge(['File[/tmp/fixture/scheduled]']).problems).toMatchObject([
      { reason: 'not-applied', line: 4 },
    ]);
  });

  test("rejects the image when a tag left everything out, Puppet's own schedules too", () => {
    const all = leftOut
      .replaceAll('skipped: false', 'skipped: true')
      .replaceAll('status: noop', 'status: audit');
    const left = notApplied(parseReport(all)).map(({ resource }) => resource.type);
    expect(left).toContain('Exec');
    expect(left.filter((type) => type === 'Filebucket')).toEqual([]);
  });
});

test('what was skipped for a failure is not counted a second time', () => {
  expect(notApplied(parseReport(reportText('failed')))).toEqual([]);
});
