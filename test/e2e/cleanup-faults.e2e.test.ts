import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CleanupCloud,
  type CleanupEnd,
  keepOne,
  type LoggedCall,
  startCleanupCloud,
  without,
  writesAmong,
} from './cleanup-cloud.ts';
import { part } from '../runs.ts';
import { parameter, pinnedOldVersion } from './image-uses.ts';

/**
 * Each call that cleanup makes, refused, mangled and throttled by the local cloud. A run that goes well says which there
 * are, so that a new look-up is tested by itself. For a commit some of them are mangled, at night all.
 */

const minutes = 60_000;
/** Two, so that two processor cores are used: faults hold for a whole cloud. */
const clouds: CleanupCloud[] = [];
const apply = [...keepOne, '--apply', '--all-template-versions'];
/** All of the run that goes well. */
let good: LoggedCall[];
let reads: string[];
let throttled: Awaited<ReturnType<typeof applyThrottled>>;

beforeAll(async () => {
  throttled = await applyThrottled();
  for (let number = 0; number < 2; number++) {
    const cloud = await startCleanupCloud();
    clouds.push(cloud);
    // The two oldest are used, the next two may go.
    const [pinned, named] = await cloud.images('faults', 5);
    await pinnedOldVersion(cloud, pinned);
    await parameter(cloud, named);
  }
  const [cloud] = clouds as [CleanupCloud];
  const [old] = await cloud.images('good', 2);
  const before = await cloud.ids();
  cloud.forgetCalls();
  const end = await cloud.cleanup(['good'], apply);
  good = cloud.calls();
  expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await cloud.ids()).toEqual(without(before, old));
  const writes = new Set(writesAmong(good));
  reads = [...new Set(good.filter(({ action }) => !writes.has(action)).map(nameOf))].sort();
}, 5 * minutes);
afterAll(async () => {
  for (const cloud of [...clouds, throttled.cloud]) await cloud.stop();
}, 2 * minutes);

const nameOf = ({ service, action }: Pick<LoggedCall, 'service' | 'action'>) => `${service}:${action}`;
const callOf = (name: string) => {
  const [service = '', action = ''] = name.split(':');
  return { service, action };
};
/** As each service refuses. */
const denials: Record<string, object> = {
  ec2: { code: 'UnauthorizedOperation', status: 403 },
  sts: { code: 'AccessDenied', status: 403 },
  autoscaling: { code: 'AccessDenied', status: 403 },
  ssm: { code: 'AccessDeniedException', status: 400 },
};
const denial = (name: string) => ({ ...callOf(name), error: denials[callOf(name).service] });

/** Applies on some cloud with a fault of each call, and answers what became of it, by the call's name. */
async function applyWith(
  names: readonly string[],
  faultOf: (name: string) => object,
  isTold: (end: CleanupEnd, name: string) => boolean,
) {
  const rest = [...names];
  const ends: Record<string, object> = {};
  const workers = clouds.map(async (cloud) => {
    const before = await cloud.account();
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      cloud.order(faultOf(name));
      cloud.forgetCalls();
      const end = await cloud.cleanup(['faults'], apply);
      // It only writes the tag once more that the images bear which stay: the account is the same.
      const writes = writesAmong(cloud.calls()).filter((action) => action !== 'CreateTags');
      cloud.order();
      const isSame = JSON.stringify(await cloud.account()) === JSON.stringify(before);
      const told = isTold(end, name) ? 'told' : `${end.stderr}${end.stdout}`;
      ends[name] = { exitCode: end.exitCode, told, writes, isSame };
    }
  });
  await Promise.all(workers);
  return ends;
}

const refused = { exitCode: 4, told: 'told', writes: [], isSame: true };
const expectRefused = async (...[names, ...faults]: Parameters<typeof applyWith>) => {
  expect(await applyWith(names, ...faults)).toEqual(Object.fromEntries(names.map((name) => [name, refused])));
};

test('the run that goes well makes at least these calls', () => {
  expect(reads).toEqual(
    expect.arrayContaining([
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeInstanceRefreshes',
      'autoscaling:DescribeLaunchConfigurations',
      'ec2:DescribeFleets',
      'ec2:DescribeImageAttribute',
      'ec2:DescribeImageReferences',
      'ec2:DescribeImages',
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeSnapshots',
      'ec2:DescribeSpotFleetRequests',
      'ec2:DescribeSpotInstanceRequests',
      'ssm:DescribeParameters',
      'ssm:GetParameters',
      'sts:GetCallerIdentity',
    ]),
  );
  expect(new Set(writesAmong(good))).toEqual(new Set(['CreateTags', 'DeregisterImage', 'DeleteSnapshot']));
});

describe('a denied call', () => {
  const isNamed = ({ stderr }: CleanupEnd, name: string) =>
    stderr.includes(`these AWS credentials lack the permission ${name}`);

  test(
    'ends cleanup before anything is deleted, and is named as IAM does, whichever it is',
    () => expectRefused(reads, denial, isNamed),
    2 * minutes,
  );

  test(
    'does so in the last look at an image as well',
    async () => {
      const [cloud] = clouds as [CleanupCloud];
      cloud.order(denial('ec2:DeregisterImage'));
      cloud.forgetCalls();
      const end = await cloud.cleanup(['faults'], apply);
      const calls = cloud.calls().map(nameOf);
      cloud.order();
      // That one is only tried; from its log is known how often each is called before.
      expect(end.exitCode).toBe(4);
      expect(end.stdout).toMatch(
        / FAILED[^]*? these AWS credentials lack the permission ec2:DeregisterImage$/m,
      );
      expect(end.stdout).toMatch(/ not done[^]*?; not tried after the error$/m);
      const before = calls.slice(0, calls.indexOf('ec2:DeregisterImage'));
      const times = (name: string) => before.filter((other) => other === name).length;
      const again = reads.filter((name) => times(name) > 1);
      expect(again).toEqual(expect.arrayContaining(['ec2:DescribeImages', 'ec2:DescribeInstances']));
      const isInTable = ({ stdout }: CleanupEnd, name: string) =>
        stdout.includes(`these AWS credentials lack the permission ${name}`);
      const last = (name: string) => ({ ...denial(name), after: times(name) - 1 });
      await expectRefused(again, last, isInTable);
    },
    2 * minutes,
  );

  test.each([
    ['spot-request', 'ec2:DescribeSpotInstanceRequests', '2 images and 2 snapshots would be deleted'],
    // The price of it: what only a parameter names would go.
    ['ssm-parameter', 'ssm:DescribeParameters', '3 images and 3 snapshots would be deleted'],
  ])(
    'is not made with --ignore-reference %s',
    async (kind, name, result) => {
      const [cloud] = clouds as [CleanupCloud];
      cloud.order(denial(name));
      const end = await cloud.cleanup(['faults'], [...keepOne, '--ignore-reference', kind]);
      cloud.order();
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      expect(end.stdout).toContain(result);
      expect(end.stdout).toContain(`not checked: ${kind}`);
      expect(end.report?.ignoredReferences).toEqual([kind]);
    },
    2 * minutes,
  );

  test(
    'of DeleteSnapshot leaves what the next cleanup deletes',
    async () => {
      const [cloud] = clouds as [CleanupCloud];
      const [old] = await cloud.images('left', 2);
      const before = await cloud.ids();
      cloud.order(denial('ec2:DeleteSnapshot'));
      const end = await cloud.cleanup(['left'], apply);
      cloud.order();
      expect(end.exitCode).toBe(4);
      expect(end.stdout).toContain('these AWS credentials lack the permission ec2:DeleteSnapshot');
      expect(await cloud.ids()).toEqual(before.filter((id) => id !== old.id));
      expect(await cloud.cleanup(['left'], apply)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await cloud.ids()).toEqual(without(before, old));
    },
    2 * minutes,
  );
});

describe('an answer', () => {
  const isTold = ({ stderr }: CleanupEnd, name: string) =>
    stderr.includes(`${callOf(name).action}: the answer cannot be read`);

  test(
    'without its list is none: nothing is deleted, whichever it is',
    async () => {
      // That of STS has no list.
      const lists = reads.filter((name) => !name.startsWith('sts:'));
      const faultOf = (name: string) => ({ ...callOf(name), malformed: true });
      await expectRefused(part(lists, 4), faultOf, isTold);
    },
    2 * minutes,
  );

  test(
    'that breaks off is none: nothing is deleted, whichever it is',
    async () => {
      const faultOf = (name: string) => ({ ...callOf(name), malformed: 'cut' });
      const isNamed = ({ stderr }: CleanupEnd, name: string) =>
        stderr.startsWith(`cleanup: ${callOf(name).action}: `);
      await expectRefused(part(reads, 4), faultOf, isNamed);
    },
    2 * minutes,
  );

  test(
    'with nothing but a token for the next page is not the end',
    async () => {
      const [cloud] = clouds as [CleanupCloud];
      const usual = await cloud.cleanup(['faults'], keepOne);
      cloud.forgetCalls();
      cloud.order({ action: 'Describe*', emptyPage: true, probability: 0.5 });
      const end = await cloud.cleanup(['faults'], keepOne);
      cloud.order();
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      expect(end.report?.decisions).toEqual(usual.report?.decisions);
      expect(cloud.calls().length).toBeGreaterThan(good.length);
    },
    2 * minutes,
  );
});

/** On a cloud of its own: it waits most of the time, and the others need not wait for it. */
async function applyThrottled() {
  const cloud = await startCleanupCloud();
  const [old] = await cloud.images('throttled', 2);
  const before = await cloud.ids();
  const throttle = (service: string, code: string, status: number) => {
    return { service, action: '*', probability: 0.3, error: { code, status } };
  };
  cloud.order(
    throttle('ec2', 'RequestLimitExceeded', 503),
    throttle('autoscaling', 'Throttling', 400),
    throttle('ssm', 'ThrottlingException', 400),
    throttle('sts', 'Throttling', 400),
  );
  const running = (async () => {
    cloud.forgetCalls();
    const end = await cloud.cleanup(['throttled'], [...keepOne, '--apply']);
    const calls = cloud.calls();
    cloud.order();
    return { end, calls, after: await cloud.ids(), expected: without(before, old) };
  })();
  return { cloud, running };
}

test(
  'with three calls of ten throttled, cleanup deletes exactly what it would otherwise',
  async () => {
    const { end, calls, after, expected } = await throttled.running;
    expect(calls.filter(({ status }) => status >= 400).length / calls.length).toBeGreaterThan(0.15);
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(after).toEqual(expected);
  },
  2 * minutes,
);

test.each([
  ['once, is followed by another try', 'once', { times: 1 }],
  ['each time, is followed by another cleanup', 'each-time', {}],
])(
  'a connection that breaks after the deed, %s',
  async (_, node, times) => {
    const [cloud] = clouds as [CleanupCloud];
    const [old] = await cloud.images(node, 2);
    const before = await cloud.ids();
    cloud.order(
      { action: 'DeregisterImage', drop: 'after', ...times },
      { action: 'DeleteSnapshot', drop: 'after', ...times },
    );
    const end = await cloud.cleanup([node], apply);
    cloud.order();
    if (node === 'each-time') {
      // Whether it was done is not known; it was.
      expect(end.exitCode).toBe(4);
      expect(end.stdout).toMatch(/ FAILED[^]*?DeregisterImage: /);
      expect(await cloud.ids()).toEqual(before.filter((id) => id !== old.id));
      expect(await cloud.cleanup([node], apply)).toMatchObject({ exitCode: 0, stderr: '' });
    } else expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await cloud.ids()).toEqual(without(before, old));
  },
  2 * minutes,
);
