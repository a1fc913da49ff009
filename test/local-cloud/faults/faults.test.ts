import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DescribeLaunchConfigurationsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateKeyPairCommand,
  CreateVolumeCommand,
  DescribeKeyPairsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';
import {
  DescribeParametersCommand,
  paginateDescribeParameters,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type ApiUnderTest } from '../services-under-test.ts';

jest.setTimeout(30_000);

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
  for (const Name of ['p1', 'p2', 'p3'])
    await api.ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }));
});
afterAll(() => api.stop());
afterEach(() => {
  api.order();
  expect(api.warnings.splice(0)).toEqual([]);
});

const vpcs = () => api.ec2.send(new DescribeVpcsCommand({}));
const keys = async () =>
  (await api.ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs?.map(({ KeyName }) => KeyName);
const makeKey = (KeyName: string) => api.ec2.send(new CreateKeyPairCommand({ KeyName, KeyType: 'ed25519' }));
const parameters = () => api.ssm.send(new DescribeParametersCommand({}));

describe('an ordered fault', () => {
  test('is an error in the form of each service, under the code that was ordered', async () => {
    api.order({ action: 'Describe*', error: { code: 'Throttled', status: 503, message: 'slow <down>' } });
    const refused = { name: 'Throttled', message: 'slow <down>', $metadata: { httpStatusCode: 503 } };
    await expect(vpcs()).rejects.toMatchObject(refused);
    await expect(parameters()).rejects.toMatchObject(refused);
    await expect(api.autoScaling.send(new DescribeLaunchConfigurationsCommand({}))).rejects.toMatchObject(
      refused,
    );
    expect(api.calls.at(-1)).toMatchObject({ service: 'autoscaling', status: 503, code: 'Throttled' });
    api.order();
    expect((await vpcs()).Vpcs).toHaveLength(1);
  });

  test('that is a throttling ends with its times, and an SDK that tries again gets through', async () => {
    const error = { code: 'RequestLimitExceeded', status: 503 };
    api.order({ service: 'ec2', action: 'DescribeVpcs', times: 2, error });
    const patient = new EC2Client({ ...api.config('default'), maxAttempts: 3 });
    const before = api.calls.length;
    expect((await patient.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    expect(api.calls.slice(before).map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  test('delays one call, and no other one', async () => {
    api.order({ action: 'DescribeVpcs', delayMs: 300 });
    const order: string[] = [];
    const started = performance.now();
    await Promise.all([vpcs().then(() => order.push('slow')), keys().then(() => order.push('fast'))]);
    expect(order).toEqual(['fast', 'slow']);
    expect(performance.now() - started).toBeGreaterThan(290);
  });

  test('drops the connection before the deed, or after it', async () => {
    api.order(
      { action: 'CreateKeyPair', drop: 'before', times: 1 },
      { action: 'CreateKeyPair', drop: 'after' },
    );
    await expect(makeKey('before')).rejects.toThrow('socket hang up');
    expect(await keys()).toEqual([]);
    await expect(makeKey('after')).rejects.toThrow('socket hang up');
    expect(api.calls.at(-1)).toMatchObject({ action: 'CreateKeyPair', status: 0, code: 'Dropped' });
    expect(await keys()).toEqual(['after']);
  });

  test('after the deed does not have it done twice by an SDK that asks again with its token', async () => {
    api.order({ action: 'CreateVolume', drop: 'after', times: 1 });
    const patient = new EC2Client({ ...api.config('default'), maxAttempts: 3 });
    const { VolumeId } = await patient.send(
      new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, ClientToken: 't' }),
    );
    expect(Object.keys(api.store.state.volumes)).toEqual([VolumeId]);
  });

  test('empties a page, and its token leads on to all of them', async () => {
    api.order({ action: 'DescribeParameters', emptyPage: true, after: 1, times: 1 });
    const pages: (string | undefined)[][] = [];
    const paginate = paginateDescribeParameters({ client: api.ssm, pageSize: 2 }, {});
    for await (const page of paginate) pages.push((page.Parameters ?? []).map(({ Name }) => Name));
    expect(pages).toEqual([['p1', 'p2'], [], ['p3']]);
    api.order({ action: 'DescribeParameters', emptyPage: true, after: 1, times: 2 });
    const names = ['--query', 'Parameters[].Name', '--output', 'text'];
    const cli = await execa('/usr/bin/aws', ['ssm', 'describe-parameters', '--page-size', '2', ...names], {
      env: api.env,
      extendEnv: false,
    });
    expect(cli.stdout.split(/\s+/).filter((name) => name.startsWith('p'))).toEqual(['p1', 'p2', 'p3']);
    api.order({ action: 'DescribeVolumes', emptyPage: true, times: 1 });
    const sizes: number[] = [];
    for await (const { Volumes = [] } of paginateDescribeVolumes({ client: api.ec2, pageSize: 5 }, {}))
      sizes.push(Volumes.length);
    expect(sizes).toEqual([0, 1]);
  });

  test('lets the reads that it names see the state of some seconds ago, and only those', async () => {
    api.order({ action: 'DescribeKeyPairs', staleReadsSeconds: 0.8 });
    const before = await keys();
    await makeKey('stale');
    expect(await keys()).toEqual(before);
    await api.ssm.send(new PutParameterCommand({ Name: 'p4', Value: 'v', Type: 'String' }));
    expect((await parameters()).Parameters).toHaveLength(4);
    await sleep(900);
    expect(await keys()).toContain('stale');
  });

  test('answers 200 without the list, or with half of the body', async () => {
    api.order({ action: 'Describe*', malformed: true });
    const xml = await vpcs();
    expect([xml.$metadata.httpStatusCode, xml.Vpcs]).toEqual([200, undefined]);
    const json = await parameters();
    expect([json.$metadata.httpStatusCode, json.Parameters]).toEqual([200, undefined]);
    api.order({ action: 'Describe*', malformed: 'cut' });
    await expect(vpcs()).rejects.toThrow();
    await expect(parameters()).rejects.toThrow();
    expect(api.calls.slice(-2)).toMatchObject([{ status: 200 }, { status: 200 }]);
  });
});

test('a wrong list is no list: it is told once, and counts begin anew when it is put right', async () => {
  const error = { code: 'Ordered', status: 500 };
  api.order({ action: 'DescribeVpcs', error, times: 1 });
  await expect(vpcs()).rejects.toMatchObject({ name: 'Ordered' });
  api.order({ action: 'DescribeVpcs', error }, { action: 'DescribeVpc', error });
  await vpcs();
  await vpcs();
  expect(api.warnings.splice(0)).toEqual([
    'faults.json is wrong, so no fault of it is in force: 1: no action of this cloud can have it',
  ]);
  writeFileSync(join(api.folder, 'faults.json'), '[');
  await vpcs();
  expect(api.warnings.splice(0)).toEqual([expect.stringContaining('JSON')]);
  api.order({ action: 'DescribeVpcs', error, times: 1 });
  await expect(vpcs()).rejects.toMatchObject({ name: 'Ordered' });
  expect((await api.ec2.send(new DescribeVolumesCommand({}))).Volumes).toHaveLength(1);
});
