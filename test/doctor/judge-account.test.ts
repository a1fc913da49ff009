import { describe, expect, test } from '@jest/globals';
import {
  judgeClock,
  judgeFailure,
  judgeIdentity,
  judgeRegion,
  type LookFailure,
} from '../../src/doctor/judge-account.ts';
import { doctorResult } from '../../src/doctor/doctor-result.ts';
import { type Finding, type State } from '../../src/doctor/finding.ts';
import { masked } from '../../src/doctor/masked.ts';

test.each<[string | undefined, Record<string, string>, string, string, string]>([
  ['eu-west-1', { AWS_REGION: 'eu-west-1' }, 'ok', 'eu-west-1, from AWS_REGION', ''],
  ['eu-west-1', {}, 'ok', "from the profile 'default'", ''],
  ['us-gov-west-1', { AWS_PROFILE: 'p' }, 'ok', "from the profile 'p'", ''],
  ['us-east-1a', { AWS_REGION: 'us-east-1a' }, 'wrong', 'availability zone', 'AWS_REGION=us-east-1'],
  [undefined, {}, 'missing', 'there is none', 'set AWS_REGION'],
  [undefined, { AWS_DEFAULT_REGION: 'eu-west-1' }, 'missing', 'is not read', 'AWS_REGION=eu-west-1'],
])('the region %p of %j is %s', (region, env, state, found, advice) => {
  expect(judgeRegion(region, env)).toMatchObject({
    state,
    found: expect.stringContaining(found),
    advice: expect.stringContaining(advice),
  });
});

test('the identity tells account, role and source, and no whole key id', () => {
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

describe('a look that failed', () => {
  const failure = (over: Partial<LookFailure>): LookFailure => ({
    problem: undefined,
    code: '',
    message: 'm\nn',
    call: 'ec2:DescribeVpcs',
    ...over,
  });
  test.each<[string, string, Partial<LookFailure>, State, string, string]>([
    ['denied', 'EC2', { problem: 'denied' }, 'wrong', 'ec2:DescribeVpcs is denied', 'allow ec2:DescribeVpcs'],
    ['unreachable', 'EC2', { problem: 'unreachable' }, 'unknown', 'm', 'try again'],
    ['late', 'EC2', { problem: 'timeout' }, 'unknown', 'm', 'try again'],
    ['throttled', 'EC2', { problem: 'throttled' }, 'unknown', 'm', 'try again'],
    ['unreadable', 'EC2', { problem: 'malformed' }, 'unknown', 'm', 'try again'],
    ['unforeseen', 'EC2', { code: 'Odd' }, 'unknown', 'ec2:DescribeVpcs failed: Odd: m', 'mend'],
    ['without a region', 'EC2', { problem: 'no-region' }, 'unknown', 'no region', 'see region'],
    ['expired', 'credentials', { problem: 'credentials', code: 'ExpiredToken' }, 'wrong', 'm', 'renew'],
    [
      'without credentials',
      'credentials',
      { problem: 'credentials', code: 'CredentialsProviderError' },
      'missing',
      'the SDK finds none: m',
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
  [undefined, 'unknown', 'has answered'],
  [-900, 'ok', 'within 2 s'],
  [59_000, 'ok', 'within 60 s'],
  [61_000, 'warning', "61 s behind AWS's"],
  [-120_000, 'warning', "120 s ahead of AWS's"],
  [900_000, 'wrong', "900 s behind AWS's"],
  [-240_000, 'wrong', "240 s ahead of AWS's"],
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

  test('shows no secret, for a person or a program', () => {
    const found = 'http://me:s3cret@proxy:80/x refuses AKIAIOSFODNN7EXAMPLE';
    const { json, table } = doctorResult([{ ...finding('wrong'), found }], []);
    for (const text of [JSON.stringify(json), JSON.stringify(table)]) {
      expect(text).not.toMatch(/s3cret|IOSFODNN7/);
      expect(text).toContain('http://proxy:80/x refuses AKIA…MPLE');
    }
  });
});

test('what only looks like a secret is shown', () => {
  const text = 'aws ec2 x --group-id sg-0123 http://a/b@c arn:aws:iam::123456789012:role/ADMINISTRATORS';
  expect(masked(text)).toBe(text);
});
