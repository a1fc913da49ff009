import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CloudError,
  ec2Failure,
  malformed,
  noCredentials,
  orUnavailable,
} from '../../src/aws/ec2-failure.ts';
import type { Service } from '../../src/aws/sdk.ts';

const error = (name: string, status = 400) =>
  Object.assign(new Error('as AWS says'), { name, $metadata: { httpStatusCode: status } });

afterEach(() => {
  delete process.env.AWS_ENDPOINT_URL_AUTO_SCALING;
});

describe('what a call threw', () => {
  test.each<[Service, string, string]>([
    ['ec2', 'UnauthorizedOperation', 'DescribeImages'],
    ['autoscaling', 'AccessDenied', 'DescribeAutoScalingGroups'],
    ['ssm', 'AccessDeniedException', 'GetParameters'],
  ])('names the permission of %s for %s', (service, name, call) => {
    expect(ec2Failure(error(name), call, service)).toMatchObject({
      problem: 'denied',
      exitCode: 4,
      message: `${call} was denied: these AWS credentials lack the permission ${service}:${call}`,
    });
  });

  test.each<[Service, string, string]>([
    ['ec2', 'RequestLimitExceeded', 'EC2'],
    ['autoscaling', 'Throttling', 'Auto Scaling'],
    ['ssm', 'ThrottlingException', 'Systems Manager'],
  ])('of %s is throttling for %s', (service, name, title) => {
    expect(ec2Failure(error(name), 'DescribeX', service)).toMatchObject({
      problem: 'throttled',
      message: expect.stringContaining(title),
    });
  });

  test.each<[Service, string, string]>([
    ['sts', 'InvalidAction', 'GetCallerIdentity'],
    ['ec2', 'InvalidAction', 'DescribeInstances'],
    ['ssm', 'UnknownOperationException', 'GetParameters'],
    ['autoscaling', 'NoSuchVersion', 'DescribeAutoScalingGroups'],
  ])('of %s says with %s that something else answers %s', (service, name, call) => {
    expect(ec2Failure(error(name), call, service)).toMatchObject({
      problem: 'server',
      exitCode: 4,
      message: expect.stringContaining(call),
    });
  });

  test.each(['DescribeImageReferences', 'DescribeSpotInstanceRequests'])(
    'is left to the caller where EC2 may lack %s',
    (call) => {
      const unknown = error('InvalidAction');
      expect(ec2Failure(unknown, call)).toBe(unknown);
    },
  );

  test('names the endpoint of its own service', () => {
    process.env.AWS_ENDPOINT_URL_AUTO_SCALING = 'http://127.0.0.1:1';
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    expect(String(ec2Failure(refused, 'DescribeX', 'autoscaling'))).toContain('http://127.0.0.1:1');
    expect(String(ec2Failure(refused, 'DescribeX', 'ssm'))).not.toContain('http://127.0.0.1:1');
  });

  test("is the caller's to judge when the cloud did answer", () => {
    const gone = error('InvalidAMIID.NotFound');
    expect(ec2Failure(gone, 'DescribeImages')).toBe(gone);
  });
});

test('who has named a profile is not asked to name one', () => {
  const before = process.env.AWS_PROFILE;
  process.env.AWS_PROFILE = 'nope';
  try {
    expect(noCredentials(undefined).message).toMatch(/AWS_PROFILE names "nope"/);
    expect(noCredentials(undefined).message).not.toContain('set AWS_PROFILE');
  } finally {
    if (before === undefined) delete process.env.AWS_PROFILE;
    else process.env.AWS_PROFILE = before;
  }
});

test('a malformed answer names the call and what is missing', () => {
  const problem = malformed('ssm:GetParameters', 'it lacks the value of /a');
  expect(problem).toBeInstanceOf(CloudError);
  expect(problem).toMatchObject({ problem: 'malformed', exitCode: 4 });
  expect(problem.message).toContain('ssm:GetParameters');
  expect(problem.message).toContain('it lacks the value of /a');
});

describe('a look-up', () => {
  test('whose answer nobody has foreseen is no bug of ours', async () => {
    const failure = Object.assign(error('InvalidNextToken'), { call: 'ec2:DescribeImages' });
    await expect(orUnavailable(Promise.reject(failure))).rejects.toMatchObject({
      exitCode: 4,
      message:
        'ec2:DescribeImages failed (InvalidNextToken: as AWS says): nothing was deleted; try again later',
    });
  });

  test('that goes well, and a failure that is no answer of AWS, come through as they are', async () => {
    expect(await orUnavailable(Promise.resolve(7))).toBe(7);
    const bug = new TypeError('x is not a function');
    await expect(orUnavailable(Promise.reject(bug))).rejects.toBe(bug);
    const known = malformed('ec2:DescribeImages');
    await expect(orUnavailable(Promise.reject(known))).rejects.toBe(known);
  });
});
