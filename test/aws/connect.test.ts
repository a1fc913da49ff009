import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  type EC2Client,
  RunInstancesCommand,
  paginateDescribeImages,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import { callCounts, callLines, connectEc2 } from '../../src/aws/connect.ts';
import { type Answer, awsServer, ec2Answer, ec2Error } from './aws-server.ts';

let answer: Answer;
let server: Awaited<ReturnType<typeof awsServer>>;
const instances = (inner: string) => ({ status: 200, body: ec2Answer('DescribeInstances', inner) });
const none = '<reservationSet/>';

beforeAll(async () => {
  server = await awsServer((action, body) => answer(action, body));
});
beforeEach(() => {
  Object.assign(server.seen, { most: 0, requests: 0, atLeast: 0 });
  answer = () => instances(none);
});
afterAll(() => {
  server.close();
});

/** The calls of an action since `before`. */
function callsSince(before: ReturnType<typeof callCounts>, action: string) {
  const zero = { calls: 0, afterThrottling: 0, afterFailure: 0 };
  const was = before.find((count) => count.action === action) ?? zero;
  const is = callCounts().find((count) => count.action === action) ?? zero;
  return {
    calls: is.calls - was.calls,
    afterThrottling: is.afterThrottling - was.afterThrottling,
    afterFailure: is.afterFailure - was.afterFailure,
  };
}

describe('the client of a service', () => {
  test('is one for each region', async () => {
    const ec2 = await connectEc2();
    expect(await connectEc2()).toBe(ec2);
    process.env.AWS_REGION = 'eu-north-1';
    const other = await connectEc2();
    process.env.AWS_REGION = 'eu-west-1';
    expect(other).not.toBe(ec2);
  });

  test('has never more than 8 requests under way, and counts them', async () => {
    const before = callCounts();
    const ec2 = await connectEc2();
    server.seen.atLeast = 8;
    await Promise.all(Array.from({ length: 60 }, () => ec2.send(new DescribeInstancesCommand({}))));
    expect(server.seen).toMatchObject({ most: 8, requests: 60 });
    expect(callsSince(before, 'ec2:DescribeInstances')).toEqual({
      calls: 60,
      afterThrottling: 0,
      afterFailure: 0,
    });
  });

  test('shares that budget with paginators and waiters, more of them than it has places', async () => {
    answer = (action, body) => {
      if (action === 'DescribeImages') {
        const next = body.includes('NextToken') ? '' : '<nextToken>2</nextToken>';
        return { status: 200, body: ec2Answer(action, `<imagesSet/>${next}`) };
      }
      const state = '<instanceState><code>48</code><name>terminated</name></instanceState>';
      return instances(
        `<reservationSet><item><instancesSet><item>${state}</item></instancesSet></item></reservationSet>`,
      );
    };
    const before = callCounts();
    const client = await connectEc2();
    const pages = async () => {
      let count = 0;
      for await (const page of paginateDescribeImages({ client }, {})) if (page.Images) count++;
      return count;
    };
    const wait = () =>
      waitUntilInstanceTerminated({ client, minDelay: 1, maxWaitTime: 10 }, { InstanceIds: ['i-1'] });
    const [counts] = await Promise.all([
      Promise.all(Array.from({ length: 12 }, pages)),
      Promise.all(Array.from({ length: 12 }, wait)),
    ]);
    expect(counts).toEqual(Array(12).fill(2));
    expect(server.seen.most).toBeLessThanOrEqual(8);
    expect(callsSince(before, 'ec2:DescribeImages').calls).toBe(24);
    expect(callsSince(before, 'ec2:DescribeInstances').calls).toBe(12);
  });

  const answers: [string, string, (ec2: EC2Client) => Promise<unknown>][] = [
    ['DescribeImages', '<imagesSet/>', (ec2) => ec2.send(new DescribeImagesCommand({}))],
    ['DescribeInstances', '<reservationSet/>', (ec2) => ec2.send(new DescribeInstancesCommand({}))],
    ['DescribeKeyPairs', '<keySet/>', (ec2) => ec2.send(new DescribeKeyPairsCommand({}))],
    [
      'DescribeSecurityGroups',
      '<securityGroupInfo/>',
      (ec2) => ec2.send(new DescribeSecurityGroupsCommand({})),
    ],
    ['DescribeSnapshots', '<snapshotSet/>', (ec2) => ec2.send(new DescribeSnapshotsCommand({}))],
    ['DescribeSubnets', '<subnetSet/>', (ec2) => ec2.send(new DescribeSubnetsCommand({}))],
    ['DescribeVolumes', '<volumeSet/>', (ec2) => ec2.send(new DescribeVolumesCommand({}))],
    ['DescribeVpcs', '<vpcSet/>', (ec2) => ec2.send(new DescribeVpcsCommand({}))],
    [
      'RunInstances',
      '<instancesSet/>',
      (ec2) => ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 })),
    ],
  ];
  test.each(answers)(
    'never takes an answer of %s without its list for an empty one',
    async (action, list, ask) => {
      const ec2 = await connectEc2();
      answer = () => ({ status: 200, body: ec2Answer(action, list) });
      await expect(ask(ec2)).resolves.toBeDefined();
      answer = () => ({ status: 200, body: ec2Answer(action, '<requestId>1</requestId>') });
      await expect(ask(ec2)).rejects.toMatchObject({
        problem: 'malformed',
        exitCode: 4,
        message: expect.stringContaining(action),
      });
    },
  );

  test('tries again what was throttled or failed, and counts why', async () => {
    const answers = [
      { status: 503, body: ec2Error('RequestLimitExceeded') },
      { status: 500, body: ec2Error('InternalError') },
    ];
    answer = () => answers.shift() ?? instances(none);
    const before = callCounts();
    await (await connectEc2()).send(new DescribeInstancesCommand({}));
    expect(callsSince(before, 'ec2:DescribeInstances')).toEqual({
      calls: 3,
      afterThrottling: 1,
      afterFailure: 1,
    });
  });

  test('gives up on what keeps failing sooner than on throttling, and names the call', async () => {
    answer = () => ({ status: 500, body: ec2Error('InternalError') });
    const ec2 = await connectEc2();
    await expect(ec2.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
      problem: 'server',
      exitCode: 4,
      message: expect.stringContaining('DescribeInstances'),
    });
    expect(server.seen.requests).toBe(6);
  });
});

test.each([
  [{ calls: 1, afterThrottling: 0, afterFailure: 0 }, 'ec2:DescribeImages 1 call'],
  [
    { calls: 21, afterThrottling: 4, afterFailure: 0 },
    'ec2:DescribeImages 21 calls, 4 of them again after throttling',
  ],
  [
    { calls: 9, afterThrottling: 2, afterFailure: 1 },
    'ec2:DescribeImages 9 calls, 2 of them again after throttling, 1 of them again after a failure',
  ],
])('calls are told in a line each', (count, line) => {
  expect(callLines([{ action: 'ec2:DescribeImages', ...count }])).toEqual([line]);
});
