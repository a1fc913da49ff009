import { describe, expect, test } from '@jest/globals';
import {
  judgeClock,
  judgeFailure,
  judgeIdentity,
  judgeRegion,
  type CallFailure,
} from '../../src/doctor/judge-account.ts';
import { doctorResult, type Finding, masked, type State } from '../../src/doctor/findings.ts';

test.each<[string | undefined, Record<string, string>, string, string, string]>([
  ['eu-west-1', { AWS_REGION: 'eu-west-1' }, 'ok', 'eu-west-1, from AWS_REGION', ''],
  ['eu-west-1', {}, 'ok', "from the profile 'default'", ''],
  ['us-gov-west-1', { AWS_PROFILE: 'p' }, 'ok', "from the profile 'p'", ''],
  ['us-east-1a', { AWS_REGION: 'us-east-1a' }, 'wrong', 'availability zone', 'AWS_REGION=us-east-1'],
  [undefined, {}, 'missing', 'not set in AWS_REGION', 'set AWS_REGION'],
  [
    undefined,
    { AWS_DEFAULT_REGION: 'eu-west-1' },
    'missing',
    'does not read AWS_DEFAULT_REGION',
    'AWS_REGION=eu-west-1',
  ],
])('the region %p of %j is %s', (region, env, state, found, advice) => {
  expect(judgeRegion(region, env)).toMatchObject({
    state,
    found: expect.stringContaining(found),
    advice: expect.stringContaining(advice),
  });
});

test('judgeIdentity shows account, role and source, and no whole key id', () => {
  const { found } = judgeIdentity({
    account: '123456789012',
    arn: 'arn:aws:sts::123456789012:assumed-role/bakes/i-1',
    keyId: 'ASIAIOSFODNN7EXAMPLE',
    sources: ['CREDENTIALS_ENV_VARS'],
  });
  expect(found).toBe(
    'account 123456789012, arn:aws:sts::123456789012:assumed-role/bakes/i-1, key ASIA…MPLE from env vars',
  );
});

describe('a call that failed', () => {
  const failure = (over: Partial<CallFailure>): CallFailure => ({
    problem: undefined,
    code: '',
    message: 'm\nn',
    call: 'ec2:DescribeVpcs',
    ...over,
  });
  test.each<[string, string, Partial<CallFailure>, State, string, string]>([
    ['denied', 'EC2', { problem: 'denied' }, 'wrong', 'ec2:DescribeVpcs is denied', 'allow ec2:DescribeVpcs'],
    ['unreachable', 'EC2', { problem: 'unreachable' }, 'unknown', 'm', 'try again'],
    ['late', 'EC2', { problem: 'timeout' }, 'unknown', 'm', 'try again'],
    ['throttled', 'EC2', { problem: 'throttled' }, 'unknown', 'm', 'try again'],
    ['unreadable', 'EC2', { problem: 'malformed' }, 'unknown', 'm', 'try again'],
    ['unforeseen', 'EC2', { code: 'Odd' }, 'unknown', 'ec2:DescribeVpcs failed: Odd: m', 'fix'],
    ['without a region', 'EC2', { problem: 'no-region' }, 'unknown', 'no region', 'see region'],
    ['expired', 'credentials', { problem: 'credentials', code: 'ExpiredToken' }, 'wrong', 'm', 'renew'],
    [
      'without credentials',
      'credentials',
      { problem: 'credentials', code: 'CredentialsProviderError' },
      'missing',
      'the SDK finds no credentials: m',
      'AWS_PROFILE',
    ],
    [
      'without credentials, elsewhere',
      'EC2',
      { problem: 'credentials', code: 'CredentialsProviderError' },
      'unknown',
      'no credentials',
      'see credentials',
    ],
  ])('%s', (_, check, over, state, found, advice) => {
    const finding = judgeFailure(check, failure(over));
    expect(finding).toMatchObject({
      state,
      found: expect.stringContaining(found),
      advice: expect.stringContaining(advice),
    });
    expect(finding.found).not.toContain('\n');
  });
});

test.each<[number | undefined, State, string]>([
  [undefined, 'unknown', 'no AWS service answered'],
  [-900, 'ok', 'within 2 s'],
  [59_000, 'ok', 'within 60 s'],
  [61_000, 'warning', '61 s behind AWS'],
  [-120_000, 'warning', '120 s ahead of AWS'],
  [900_000, 'wrong', '900 s behind AWS'],
  [-240_000, 'wrong', '240 s ahead of AWS'],
])('a clock that is %p ms off is %s', (offsetMs, state, found) => {
  expect(judgeClock(offsetMs)).toMatchObject({ state, found: expect.stringContaining(found) });
});

describe('the result', () => {
  const finding = (state: State): Finding => ({ check: 'c', state, found: 'f', advice: 'a' });
  test.each<[State[], number]>([
    [['ok', 'ok'], 0],
    [['ok', 'warning'], 0],
    [['missing'], 2],
    [['ok', 'wrong'], 2],
    [['ok', 'unknown'], 4],
    [['unknown', 'wrong', 'warning'], 2],
    [['unknown', 'warning'], 4],
  ])('of %j has the exit code %i', (states, code) => {
    expect(doctorResult(states.map(finding), []).exitCode).toBe(code);
  });

  test('counts the findings by what they ask of a person', () => {
    const states: State[] = ['ok', 'ok', 'warning', 'missing', 'wrong', 'unknown'];
    expect(doctorResult(states.map(finding), ['last']).closing).toEqual([
      'last',
      '2 ok, 1 warning, 2 errors, 1 unknown',
    ]);
  });

  test('shows no secret, for a person or a program', () => {
    const found = 'http://me:s3cret@proxy:80/x refuses AKIAIOSFODNN7EXAMPLE';
    const { json, table } = doctorResult([{ ...finding('wrong'), found }], []);
    for (const text of [JSON.stringify(json), JSON.stringify(table)]) {
      expect(text).not.toMatch(/s3cret|IOSFODNN7/);
      expect(text).toContain('http://proxy:80/x refuses AKIA…MPLE');
    }
  });
});

test('masked shows what only resembles a secret', () => {
  const text = 'aws ec2 x --group-id sg-0123 http://a/b@c arn:aws:iam::123456789012:role/ADMINISTRATORS';
  expect(masked(text)).toBe(text);
});
