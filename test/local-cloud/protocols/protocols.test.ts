import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AutoScalingClient,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { execa } from 'execa';
import { imageId, startApi, type ApiUnderTest } from '../services-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const parameter = { Name: 'p', Value: 'v', Type: 'String' as const };

describe('one endpoint', () => {
  test('answers four services, each in the protocol of its SDK', async () => {
    expect((await api.ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    expect((await api.sts.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
    const groups = await api.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    expect(groups.AutoScalingGroups).toEqual([]);
    const put = await api.ssm.send(new PutParameterCommand(parameter));
    expect(put).toMatchObject({
      Version: 1,
      $metadata: { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(api.calls.map(({ service, action, status }) => `${service} ${action} ${status}`)).toEqual([
      'ec2 DescribeVpcs 200',
      'sts GetCallerIdentity 200',
      'autoscaling DescribeAutoScalingGroups 200',
      'ssm PutParameter 200',
    ]);
  });

  test('lets the read-only key look, and refuses its writes under the name that each service has', async () => {
    const autoScaling = new AutoScalingClient(api.config('readonly'));
    const ssm = new SSMClient(api.config('readonly'));
    await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    await expect(
      autoScaling.send(
        new CreateLaunchConfigurationCommand({
          LaunchConfigurationName: 'x',
          ImageId: imageId,
          InstanceType: 't3.small',
        }),
      ),
    ).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    await expect(ssm.send(new PutParameterCommand(parameter))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining("the profile 'readonly' may not call PutParameter"),
    });
  });

  test('refuses a wrong key under the name that each service has', async () => {
    const good = api.config('default');
    const secret = { ...good, credentials: { ...good.credentials, secretAccessKey: 'wrong' } };
    const unknown = { ...good, credentials: { ...good.credentials, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' } };
    const look = new GetParameterCommand({ Name: 'p' });
    const groups = new DescribeAutoScalingGroupsCommand({});
    await expect(new SSMClient(secret).send(look)).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(new SSMClient(unknown).send(look)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    await expect(new AutoScalingClient(unknown).send(groups)).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });

  test('says which services it has where a call is signed for another one', async () => {
    const other = (signingName: string) => ({ ...api.config('default'), signingName });
    await expect(
      new EC2Client(other('imagebuilder')).send(new DescribeVpcsCommand({})),
    ).rejects.toMatchObject({
      name: 'UnknownService',
      message:
        "The local cloud has no service 'imagebuilder': it has ec2, sts, autoscaling, ssm, s3; use AWS for it",
    });
    await expect(
      new SSMClient(other('toString')).send(new GetParameterCommand({ Name: 'p' })),
    ).rejects.toMatchObject({ name: 'UnknownService' });
  });
});

test.each([
  ['without a signature', {}, '{}', 'MissingAuthenticationTokenException'],
  ['of a service that is not this one', { authorization: 'no' }, '{}', 'IncompleteSignature'],
])('a JSON call %s is refused in JSON', async (_, headers, body, code) => {
  const answer = await fetch(api.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
    body,
  });
  expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(((await answer.json()) as { __type: string }).__type).toContain(code);
});

test('Debian’s awscli finds the two services by the printed exports alone', async () => {
  const aws = async (...args: string[]) => {
    const options = { env: api.env, extendEnv: false, reject: false, stdin: 'ignore' } as const;
    const { stdout, stderr } = await execa('/usr/bin/aws', args, options);
    return stdout + stderr;
  };
  const value = ['--query', 'Parameter.Value', '--output', 'text'];
  const put = ['ssm', 'put-parameter', '--name', '/cli', '--type', 'String', '--value', imageId];
  expect(await aws(...put, '--data-type', 'aws:ec2:image', '--query', 'Version')).toBe('1');
  expect(await aws('ssm', 'get-parameter', '--name', '/cli', ...value)).toBe(imageId);
  const configuration = ['--launch-configuration-name', 'cli', '--image-id', imageId];
  const create = ['autoscaling', 'create-launch-configuration', ...configuration];
  expect(await aws(...create, '--instance-type', 't3.small')).toBe('');
  expect(await aws(...create, '--instance-type', 't3.small')).toContain('(AlreadyExists)');
  const query = ['--query', 'LaunchConfigurations[].ImageId', '--output', 'text'];
  expect(await aws('autoscaling', 'describe-launch-configurations', ...query)).toBe(imageId);
});
