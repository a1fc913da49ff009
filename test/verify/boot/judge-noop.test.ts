import { describe, expect, test } from '@jest/globals';
import { judgeNoop } from '../../../src/verify/boot/judge-noop.ts';
import type { Evidence } from '../../../src/verify/read-evidence.ts';
import type { ImageCase } from '../../../src/verify/verdict.ts';
import { evidenceOf, reportText } from '../evidence.ts';

/** A text with some things in it replaced, each of which must be there. */
function but(text: string, ...changes: [string | RegExp, string][]): string {
  return changes.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    return after;
  }, text);
}

const noop: [string, string] = ['\nnoop: false', '\nnoop: true'];
/** Puppet found nothing to do. */
const converged = but(reportText('unchanged'), noop);
/** Puppet would make a file, run a command, and make another file. */
const pending = but(
  reportText('changed'),
  noop,
  ['status: changed', 'status: unchanged'],
  [/ changed: true/g, ' changed: false'],
  [/status: success/g, 'status: noop'],
);
/** The report of a noop run in which something failed. */
const failing = but(reportText('failed'), noop, [/status: success/g, 'status: noop']);
/** The one file of three that would be made. */
const onePending = but(pending, [
  /(status: noop[^]*?)status: noop([^]*?)status: noop/,
  '$1status: audit$2status: audit',
]);

const names = (cases: ImageCase[]) => cases.map(({ name }) => name);
const run = (problems: unknown[]) => ({ name: 'puppet noop run', group: 'Converge', problems });
const runOf = (text: string, exitCode: number | undefined = 0) => judgeNoop(evidenceOf(text), exitCode)[0];

describe('an image has converged', () => {
  test.each([0, 2])('when Puppet finds nothing to do on a server of it and ends with %d', (exitCode) => {
    expect(judgeNoop(evidenceOf(converged), exitCode)).toEqual([run([])]);
  });

  test('when all that is pending is a message', () => {
    const message = but(
      onePending,
      ['resource: File[/etc/redis/redis.conf]', 'resource: Notify[hello]'],
      [/(resource: Notify\[hello\]\n\s+resource_type: )File/, '$1Notify'],
    );
    expect(judgeNoop(evidenceOf(message), 0)).toEqual([run([])]);
  });

  test('when Puppet only looked at a value', () => {
    const audited = but(pending, [/status: noop/g, 'status: audit']);
    expect(judgeNoop(evidenceOf(audited), 0)).toEqual([run([])]);
  });
});

describe('an image has not converged', () => {
  test('where a resource is pending: its own case, at its place', () => {
    expect(judgeNoop(evidenceOf(onePending), 0)).toEqual([
      run([]),
      {
        name: 'File[/etc/redis/redis.conf]',
        group: 'Converge',
        containedIn: ['Stage[main]', 'Redis'],
        problems: [expect.stringMatching(/^Puppet would still change it: ensure: absent → file: /)],
        file: 'modules/redis/manifests/init.pp',
        line: 6,
      },
    ]);
  });

  test('where several are: a case for each, and none for the others', () => {
    const cases = judgeNoop(evidenceOf(pending), 2);
    expect(names(cases)).toEqual([
      'puppet noop run',
      'File[/etc/redis/redis.conf]',
      'Exec[start redis]',
      'File[/etc/redis/ready]',
    ]);
    expect(cases.map(({ line }) => line)).toEqual([undefined, 6, 11, 15]);
    expect(cases[0]?.problems).toEqual([]);
  });

  test('and a secret value is not shown', () => {
    const secret = but(onePending, [
      /property: ensure\n(\s+)previous_value: absent\n\s+desired_value: file/,
      'property: password\n$1previous_value: hunter1\n$1desired_value: hunter22',
    ]);
    const text = JSON.stringify(judgeNoop(evidenceOf(secret), 0));
    expect(text).toContain('password: [secret]');
    expect(text).not.toMatch(/hunter/);
  });

  test('and what --secret finds is not shown', () => {
    const cases = judgeNoop(evidenceOf(onePending), 0, [/redis\.conf/g]);
    expect(names(cases)[1]).toBe('File[/etc/redis/[secret]]');
    expect(JSON.stringify(cases)).not.toContain('redis.conf');
  });
});

describe('a noop run says nothing of an image', () => {
  test.each<[string, string, number | undefined, string]>([
    ['that did not run in noop mode', reportText('unchanged'), 0, 'Puppet did not run in noop mode'],
    [
      'that did not finish',
      but(converged, ['completed: true', 'completed: false']),
      0,
      'the noop run did not finish',
    ],
    [
      'of an old catalog',
      but(converged, ['cached_catalog_status: not_used', 'cached_catalog_status: on_failure']),
      0,
      'an old, cached catalog',
    ],
    [
      'of an empty catalog',
      but(converged, [/resource_statuses:[^]*(?=^corrective_change)/m, 'resource_statuses: {}\n']),
      0,
      'the noop run names no resource of the manifests',
    ],
    ['that failed', but(converged, ['status: unchanged', 'status: failed']), 0, 'the noop run failed'],
    [
      'in which everything was skipped, as by a tag',
      but(converged, [/ skipped: false/g, ' skipped: true']),
      0,
      'the noop run skipped all resources of the manifests',
    ],
    ['that ended with 1', converged, 1, 'the noop run ended with exit code 1'],
    ['that ended with 4', converged, 4, 'the noop run ended with exit code 4'],
    ['of which no exit code is known', converged, undefined, 'the noop run ended with exit code unknown'],
    [
      'with an error that no resource explains',
      but(converged, [
        'level: notice\n  message: Applied catalog',
        'level: err\n  message: Lost the catalog',
      ]),
      0,
      'Puppet logged an error: Lost the catalog',
    ],
  ])('%s', (_, text, exitCode, problem) => {
    expect(judgeNoop(evidenceOf(text), exitCode)).toEqual([run([expect.stringContaining(problem)])]);
  });

  test('in which a resource failed, at the place of that one', () => {
    expect(runOf(failing)).toMatchObject({
      problems: [expect.stringMatching(/^Exec\[start redis\] cannot be judged: returns: /)],
      file: 'modules/redis/manifests/init.pp',
      line: 11,
    });
  });

  test('does not hide what is pending besides', () => {
    expect(names(judgeNoop(evidenceOf(pending), 1)).slice(1)).toHaveLength(3);
    expect(runOf(pending, 1)?.problems).toHaveLength(1);
  });

  const missing: Evidence['report'] = { missing: 'no-report', message: 'there is no report of Puppet' };
  test('without a report, but with the error that Puppet printed, at its place', () => {
    const console =
      "Error: Syntax error at '}' (file: /tmp/bakehouse/environments/production/manifests/site.pp, line: 3, column: 5) on node redis.bake\n";
    expect(judgeNoop({ report: missing, console }, 1)).toEqual([
      {
        ...run([expect.stringMatching(/Syntax error at '\}' \(manifests\/site\.pp:3:5\)/)]),
        file: 'manifests/site.pp',
        line: 3,
      },
    ]);
  });

  test.each([0, 1, undefined])('without a report at all, whatever the exit code is (%s)', (exitCode) => {
    expect(judgeNoop({ report: missing, console: '' }, exitCode)).toEqual([
      run(['there is no report of Puppet']),
    ]);
  });

  test('and a secret in its errors is not shown', () => {
    const secret = but(
      onePending,
      [
        /property: ensure\n(\s+)previous_value: absent\n\s+desired_value: file/,
        'property: password\n$1previous_value: hunter1\n$1desired_value: hunter22',
      ],
      ['level: notice\n  message: Applied catalog', 'level: err\n  message: redis refuses hunter22'],
    );
    const [first] = judgeNoop(evidenceOf(secret), 0);
    expect(first?.problems).toEqual([
      expect.stringMatching(/^Puppet logged an error: redis refuses \[secret\]/),
    ]);
  });
});
