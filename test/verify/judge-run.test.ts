import { describe, expect, test } from '@jest/globals';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { reject } from '../../src/verify/verdict.ts';
import type { Evidence } from '../../src/verify/read-evidence.ts';
import type { BakeFacts } from '../../src/verify/run-problems.ts';
import { baked, evidenceOf, reportText } from './evidence.ts';

const changed = reportText('changed');
const judge = (bake: Partial<BakeFacts>, evidence: Evidence) =>
  judgeRun('redis', { ...baked, ...bake }, evidence);
const reasons = (bake: Partial<BakeFacts>, evidence: Evidence) =>
  judge(bake, evidence).problems.map(({ reason }) => reason);
/** The report with one thing in it replaced, which must be there. */
function changedBut(from: string | RegExp, to: string): Evidence {
  const text = changed.replace(from, to);
  expect(text).not.toBe(changed);
  return evidenceOf(text);
}

describe('an image is verified', () => {
  test('by a run that changed things and says so with exit code 2', () => {
    const verdict = judge({}, evidenceOf(changed));
    expect(verdict).toMatchObject({
      node: 'redis',
      imageId: 'ami-0a',
      run: 'run-1',
      verified: true,
      problems: [],
    });
    expect(verdict.counts).toEqual({ changed: 3, unchanged: 8, failed: 0, skipped: 0 });
  });

  test('by a run that had nothing to do and says so with exit code 0', () => {
    expect(judge({ puppetExitCode: 0 }, evidenceOf(reportText('unchanged'))).verified).toBe(true);
  });

  test('by a report up to 5 minutes older than the bake, since an instance sets its clock after boot', () => {
    const at = (startedAt: string) => reasons({ startedAt }, evidenceOf(changed));
    expect(at('2026-11-23T04:21:00.000Z')).toEqual([]);
    expect(at('2026-11-23T04:22:00.000Z')).toEqual(['stale-report']);
  });
});

describe('an image is rejected', () => {
  test.each<[string, Partial<BakeFacts>, string[]]>([
    ['a bake that failed', { status: 'failed', error: 'no space' }, ['bake-not-done']],
    ['a bake that still runs', { status: 'running' }, ['bake-not-done']],
    ['a bake without an image', { imageId: undefined }, ['no-image']],
    ['a bake without an exit code of Puppet', { puppetExitCode: undefined }, ['no-exit-code']],
    ['exit code 0 beside a report of changes', { puppetExitCode: 0 }, ['disagreement']],
    ['exit code 1', { puppetExitCode: 1 }, ['exit-code', 'disagreement']],
    ['exit code 4', { puppetExitCode: 4 }, ['exit-code', 'disagreement']],
    ['exit code 6', { puppetExitCode: 6 }, ['exit-code', 'disagreement']],
    ['an exit code that Puppet does not have', { puppetExitCode: 137 }, ['exit-code', 'disagreement']],
    ['a report from after the bake', { finishedAt: '2026-11-23T04:00:00.000Z' }, ['stale-report']],
  ])('by %s', (_, bake, expected) => {
    expect(reasons(bake, evidenceOf(changed))).toEqual(expected);
    expect(judge(bake, evidenceOf(changed)).verified).toBe(false);
  });

  test.each<[string, RegExp | string, string, string[]]>([
    ['of a run that did not finish', 'completed: true', 'completed: false', ['not-completed']],
    ['of a run in noop mode', 'noop: false', 'noop: true', ['noop']],
    ['of an old, cached catalog', 'status: not_used', 'status: on_failure', ['cached-catalog']],
    ['of a failed run without a failed resource', 'status: changed', 'status: failed', ['status-failed']],
    ['that hides a failed resource', 'failed: false', 'failed: true', ['disagreement']],
    ['that hides a failed restart', 'failed_to_restart: false', 'failed_to_restart: true', ['disagreement']],
    ['with an error that no resource explains', 'level: notice', 'level: err', ['error-logged']],
    [
      'without a resource of the manifests',
      /resource_statuses:[^]*(?=^corrective_change)/m,
      'resource_statuses: {}\n',
      ['empty-catalog'],
    ],
  ])('by a report %s', (_, from, to, expected) => {
    const evidence = changedBut(from, to);
    expect(reasons({}, evidence)).toEqual(expected);
    expect(judge({}, evidence).verified).toBe(false);
  });

  test('when nothing is known of its bake', () => {
    const verdict = judgeRun('redis', { unknown: 'bake.json is missing' }, evidenceOf(changed));
    expect(verdict.verified).toBe(false);
    expect(verdict.problems).toEqual([{ reason: 'bake-unknown', message: 'bake.json is missing' }]);
    expect(verdict.imageId).toBeUndefined();
  });

  test('when it turns out to be gone', () => {
    const verdict = reject(judge({}, evidenceOf(changed)), 'the image is gone');
    expect(verdict.verified).toBe(false);
    expect(verdict.problems).toEqual([{ reason: 'image-unproved', message: 'the image is gone' }]);
  });
});

describe('a failed run', () => {
  const failure = { status: 'failed', puppetExitCode: 6, imageId: undefined };
  const verdict = judge(failure, evidenceOf(reportText('failed')));

  test('names the resource with its values, file and line, relative to the environment', () => {
    expect(verdict.problems[0]).toMatchObject({
      reason: 'status-failed',
      message: expect.stringContaining('Exec[start redis]: returns: notrun → [0]: '),
      file: 'modules/redis/manifests/init.pp',
      line: 11,
    });
    expect(verdict.resources.filter(({ result }) => result === 'failed')).toMatchObject([
      { resource: 'Exec[start redis]', containedIn: ['Stage[main]', 'Redis'], line: 11 },
    ]);
  });

  test('says first what the command or apt printed last, which no exit code says', () => {
    const { resources, problems } = judge(failure, evidenceOf(reportText('failed-commands')));
    const failed = resources.filter(({ result }) => result === 'failed');
    expect(failed.map(({ resource, messages }) => [resource, messages[0]])).toEqual([
      ['Exec[migrate]', expect.stringMatching(/returned 3 instead of one of \[0\]: the database is away$/)],
      [
        'Package[no-such-package-here]',
        expect.stringMatching(/returned 100: E: Unable to locate package no-such-package-here$/),
      ],
    ]);
    expect(problems[0]?.message).toContain(failed[0]?.messages[0]);
  });

  test('says a long line of Puppet to its end, where a failed request has its cause', () => {
    const address = `https://puppet:8140/${'x'.repeat(300)}`;
    const refused = `Request to ${address} failed after 0.002 seconds: (Connection refused)`;
    const text = reportText('failed').replaceAll("''/bin/false'' returned", `${refused} returned`);
    expect(judge(failure, evidenceOf(text)).problems[0]?.message).toContain(refused);
  });

  test('tells what was skipped for it, and why', () => {
    expect(verdict.resources.filter(({ result }) => result === 'skipped')).toMatchObject([
      {
        resource: 'File[/etc/redis/ready]',
        messages: expect.arrayContaining(['Skipping because of failed dependencies']),
      },
    ]);
  });

  test('does not count the errors that the failed resource explains a second time', () => {
    expect(verdict.problems.map(({ reason }) => reason)).toEqual([
      'status-failed',
      'exit-code',
      'bake-not-done',
      'no-image',
    ]);
  });

  test('reads the same from a report with the marks of older Ruby', () => {
    const older = judge({ ...failure, puppetExitCode: 4 }, evidenceOf(reportText('older')));
    expect(older.problems[0]).toMatchObject({
      message: expect.stringContaining('Service[redis]: ensure: stopped → running: '),
      file: 'modules/redis/manifests/service.pp',
      line: 7,
    });
    expect(older.counts).toEqual({ changed: 0, unchanged: 0, failed: 1, skipped: 0 });
  });

  test('keeps secret values out', () => {
    const secret = reportText('failed').replace(/(status: failure[^]*?redacted:)/, '$1 true');
    const text = JSON.stringify(judge(failure, evidenceOf(secret)).problems);
    expect(text).toContain('returns: [redacted]: ');
    expect(text).not.toContain('notrun →');
  });
});

describe('a run without a report', () => {
  const console = [
    'Error: Facter: Permission denied',
    "Error: Syntax error at '}' (file: /tmp/bakehouse/environments/production/manifests/site.pp, line: 3, column: 5) on node redis.bake",
    'Error: Run of Puppet failed',
    'bakehouse: puppet exit code 1',
  ].join('\n');
  const missing = { missing: 'no-report', message: 'there is no report of Puppet' } as const;

  test('names the error that Puppet printed, with file, line and column', () => {
    const [problem] = judge({ puppetExitCode: 1 }, { report: missing, console }).problems;
    expect(problem).toEqual({
      reason: 'no-report',
      message:
        "Puppet ended without a report: Syntax error at '}' (manifests/site.pp:3:5) on node redis.bake",
      file: 'manifests/site.pp',
      line: 3,
      column: 5,
    });
  });

  test('is rejected despite a good exit code', () => {
    expect(reasons({ puppetExitCode: 0 }, { report: missing, console: '' })).toEqual(['no-report']);
  });
});
