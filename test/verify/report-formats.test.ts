import { describe, expect, test } from '@jest/globals';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { parseReport } from '../../src/puppet/report/report.ts';
import { baked, evidenceOf } from './evidence.ts';
import { reportOfFormat } from './report-of-format.ts';

const failure = { ...baked, status: 'failed', imageId: undefined, puppetExitCode: 6 };
const formats = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
/** The text with something in it replaced, which must be there. */
function but(text: string, from: string | RegExp, to: string): string {
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return changed;
}

describe.each(formats)('a report of format %i', (format) => {
  const text = reportOfFormat(format);

  test('gives the same cases as any other', () => {
    const verdict = judgeRun(
      'redis',
      failure,
      evidenceOf(text, "Info: Applying configuration version '1795407398'"),
    );
    const place = 'modules/redis/manifests/config.pp';
    expect(verdict.resources).toMatchObject([
      { resource: 'File[/etc/redis.conf]', result: 'changed', file: place, line: 3, seconds: 0.0025 },
      {
        resource: 'Exec[reload it]',
        result: 'failed',
        messages: ["returns: notrun → [0]: change from notrun to 0 failed: it's away"],
      },
      {
        resource: 'File[/etc/redis.ready]',
        result: 'skipped',
        messages: [
          `skipped because Exec[reload it] (${place}:9) failed`,
          expect.any(String),
          expect.any(String),
        ],
      },
      { resource: 'File[/etc/audited]', result: 'unchanged', messages: [] },
      { resource: 'File[/etc/kept]', result: 'unchanged' },
    ]);
    expect(new Set(verdict.resources.map(({ containedIn }) => containedIn.join('/')))).toEqual(
      new Set(['Stage[main]/Redis::Config']),
    );
    expect(verdict.problems.map(({ reason }) => reason)).toEqual([
      'status-failed',
      'exit-code',
      'bake-not-done',
      'no-image',
    ]);
  });

  test('is refused without its status, whatever its age', () => {
    expect(() => parseReport(but(text, /^status: .*\n/m, ''))).toThrow('status is missing');
  });
});

test.each([
  [2, 'older than 3'],
  [13, 'newer than 12'],
  ['1.5', 'not a whole number'],
  ['', 'not a whole number'],
])('a report of format %p is refused', (format, message) => {
  expect(() => parseReport(but(reportOfFormat(12), 'format: 12', `format: ${format}`))).toThrow(message);
});

test('a report without a format is refused', () => {
  expect(() => parseReport(but(reportOfFormat(12), /report_format.*\n/, ''))).toThrow(
    'report_format is missing',
  );
});

test.each([
  [3, 'failed', undefined],
  [9, 'changed', undefined],
  [12, 'failed', 'Exec[reload it] failed is missing'],
  [11, 'failed_to_restart', 'failed_to_restart is missing'],
  [12, 'skipped', 'skipped is missing'],
])(
  'of format %i the field %s of a resource may be missing: only where events tell as much',
  (format, name, message) => {
    const text = but(reportOfFormat(format), new RegExp(`^    ${name}: .*\\n`, 'gm'), '');
    const read = () => parseReport(text).resources.map(({ failed, changed }) => ({ failed, changed }));
    if (message !== undefined)
      expect(read).toThrow(message.replace('Exec[reload it]', 'File[/etc/redis.conf]'));
    else
      expect(read()).toEqual(
        parseReport(reportOfFormat(format)).resources.map(({ failed, changed }) => ({ failed, changed })),
      );
  },
);

test('a run in noop mode is seen in formats that have no word for it', () => {
  const noop = but(
    but(reportOfFormat(4), 'status: success', 'status: noop'),
    'changed: true',
    'changed: false',
  );
  expect(parseReport(noop)).toMatchObject({ noop: true });
  expect(parseReport(reportOfFormat(4))).toMatchObject({ noop: false });
});

test('a report of puppet inspect is refused: it applied nothing', () => {
  expect(() => parseReport(but(reportOfFormat(3), 'kind: apply', 'kind: inspect'))).toThrow('puppet inspect');
});

describe('unchanged resources that Puppet left out', () => {
  const without = (format: number) =>
    but(reportOfFormat(format), / {2}File\[\/etc\/kept\]:[^]*?(?=^\w)/m, '');
  const judge = (format: number) => judgeRun('redis', failure, evidenceOf(without(format)));

  test('are counted all the same', () => {
    expect(judge(12).counts).toEqual({ changed: 1, unchanged: 2, failed: 1, skipped: 1 });
    expect(judge(12).problems.map(({ reason }) => reason)).not.toContain('disagreement');
  });

  test('are a report that lost something where Puppet could not leave them out', () => {
    expect(judge(11).problems).toContainEqual(
      expect.objectContaining({
        reason: 'disagreement',
        message: expect.stringContaining('although Puppet counted 5'),
      }),
    );
  });
});
