import { describe, expect, test } from '@jest/globals';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { exitCodeProblems } from '../../src/verify/run-problems.ts';
import { baked, evidenceOf, reportText } from './evidence.ts';

const changed = reportText('changed');
const version = /^configuration_version: (.*)$/m.exec(changed)?.[1] ?? '';
const transaction = /^transaction_uuid: (.*)$/m.exec(changed)?.[1] ?? '';
const reasons = (console: string, certname?: string, node = 'redis') =>
  judgeRun(node, { ...baked, certname }, evidenceOf(changed, console)).problems.map(({ reason }) => reason);

describe('a report is of the bake', () => {
  test.each([
    ['a console that says nothing', ''],
    ['the configuration version', `Info: Applying configuration version '${version}'`],
    ['it in colour', `\u001b[0;32mInfo: Applying configuration version '${version}'\u001b[0m`],
    [
      'the last one of two',
      `Info: Applying configuration version '1'\nInfo: Applying configuration version '${version}'`,
    ],
    ['the transaction', `Debug: transaction_uuid: ${transaction.toUpperCase()}`],
  ])('by %s', (_, console) => {
    expect(reasons(console)).toEqual([]);
  });

  test('by the name of its certificate, in any case', () => {
    expect(reasons('', 'Redis.bake', 'web')).toEqual([]);
  });
});

describe('a report is not of the bake', () => {
  test.each([
    ['another configuration version', "Info: Applying configuration version '1'"],
    ['another transaction', 'Debug: transaction_uuid: 00000000-0000-0000-0000-000000000000'],
  ])('by %s', (_, console) => {
    expect(reasons(console)).toEqual(['other-transaction']);
  });

  test('when it is of another host', () => {
    expect(reasons('', undefined, 'web')).toEqual(['other-host']);
    expect(reasons('', 'redis-aaaaaaaaaa.bake')).toEqual(['other-host']);
  });
});

test.each<[number, Parameters<typeof exitCodeProblems>[1], string[]]>([
  [0, { status: 'failed', failed: 1 }, ['disagreement']],
  [2, { status: 'failed', failed: 1 }, ['disagreement']],
  [2, { status: 'failed', failed: 0 }, []],
  [4, { status: 'failed', failed: 1 }, ['exit-code']],
  [6, { status: 'failed', failed: 0 }, ['exit-code', 'disagreement']],
  [1, { status: 'failed', failed: 0 }, ['exit-code']],
  [2, { status: 'changed', failed: 0 }, []],
  [2, { status: 'unchanged', failed: 0 }, ['disagreement']],
])('exit code %i beside a report of %j has the problems %j', (code, report, expected) => {
  expect(exitCodeProblems(code, report).map(({ reason }) => reason)).toEqual(expected);
});

test('resources that could not be generated are named as such, with their place', () => {
  const log = `- level: err
  message: "Failed to generate additional resources using 'eval_generate': no such user"
  source: "/Stage[main]/Redis/File[/etc/redis/redis.conf]"
  file: "/etc/puppet/environments/production/modules/redis/manifests/init.pp"
  line: 6
`;
  const text = changed.replace('logs:\n', `logs:\n${log}`).replace('status: changed', 'status: failed');
  const { problems, verified } = judgeRun('redis', baked, evidenceOf(text));
  expect(problems).toEqual([
    {
      reason: 'not-generated',
      message: expect.stringContaining('could not name the resources that it manages'),
      file: 'modules/redis/manifests/init.pp',
      line: 6,
    },
  ]);
  expect(verified).toBe(false);
});

test('a report that lists fewer failures than Puppet counted has lost some', () => {
  const metrics =
    'metrics:\n  resources:\n    values:\n    - [total, Total, 11]\n    - [failed, Failed, 2]\n';
  const text = changed.replace(/^metrics:[^]*?(?=^\w)/m, metrics);
  expect(judgeRun('redis', baked, evidenceOf(text)).problems).toEqual([
    { reason: 'disagreement', message: 'the report lists 0 failed resources although Puppet counted 2' },
  ]);
});
