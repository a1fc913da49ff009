import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import type { Overview } from '../../src/overview/overview.ts';
import { type OverviewRequest, readOverview } from '../../src/overview/read-overview.ts';
import {
  bakeOf,
  copyOf,
  type Failures,
  memoryAccount,
  other,
  own,
  redis,
  type RegionContents,
  snapshotsOf,
} from './account.ts';

const old = bakeOf('redis', 'ami-00000001', 48, { promotedMs: 1 });
const recent = bakeOf('redis', 'ami-00000002', 2, { verified: false });
const copy = copyOf(old, 'ami-c0000001');
const server = (id: string, by = 'instance i-0a (running)') => ({ id, kind: 'instance' as const, by });
const pointer = (id: string) => ({ id, kind: 'ssm-parameter' as const, by: 'parameter /images/redis' });

const ownRegion: RegionContents = {
  images: [old, recent],
  snapshots: snapshotsOf([old, recent]),
  references: [server('ami-00000001'), pointer('ami-00000001')],
  parameters: { '/images/redis': 'ami-00000001' },
};
const otherRegion: RegionContents = {
  images: [copy],
  snapshots: snapshotsOf([copy]),
  references: [server('ami-c0000001', 'instance i-0b (running)'), pointer('ami-c0000001')],
  parameters: { '/images/redis': 'ami-c0000001' },
};

const denied = (call: string) =>
  new CloudError('denied', `${call} was denied`, Object.assign(new Error('no'), { name: 'AccessDenied' }));
const away = new CloudError('unreachable', 'DescribeImages: AWS cannot be reached', new Error('ENOTFOUND'));

const nowhere = mkdtempSync(join(tmpdir(), 'overview-'));
const request: OverviewRequest = { nodes: [redis], reports: nowhere, plan: undefined, archive: undefined };

function read(
  regions: Record<string, RegionContents> = {},
  failures: Record<string, Failures> = {},
  over: Partial<OverviewRequest> = {},
): Promise<Overview> {
  const all = { [own]: ownRegion, [other]: otherRegion, ...regions };
  return readOverview({ ...request, ...over }, memoryAccount(all, failures).account);
}

const only = ({ nodes: [node] }: Overview) => {
  if (node === undefined) throw new Error('there is a node');
  return node;
};

describe('readOverview', () => {
  test('shows the images of a node with their copies, users in all regions and sizes, the newest first', async () => {
    const overview = await read();
    expect(overview).toMatchObject({ regions: [own, other], account: '123456789012', problems: [] });
    expect(only(overview).images).toMatchObject([
      { id: 'ami-00000002', state: 'unverified', copies: [], users: [], usersUnknownIn: [], gib: 8 },
      {
        ...{
          id: 'ami-00000001',
          state: 'verified',
          copies: [{ region: other, id: 'ami-c0000001' }],
          gib: 16,
        },
        ...{ currentIn: [own, other], usersUnknownIn: [] },
        users: [
          { region: own, kind: 'instance', by: 'instance i-0a (running)' },
          { region: other, kind: 'instance', by: 'instance i-0b (running)' },
        ],
      },
    ]);
  });

  test('shows what is current in each region, and of which image it is a copy', async () => {
    expect(only(await read()).current).toEqual([
      { region: own, parameter: '/images/redis', image: 'ami-00000001', original: 'ami-00000001' },
      { region: other, parameter: '/images/redis', image: 'ami-c0000001', original: 'ami-00000001' },
    ]);
  });

  test.each([
    ['is not there', {}, {}],
    ['names an image of nobody we know', { '/images/redis': 'ami-else' }, { image: 'ami-else' }],
    [
      'names the original, which is not in that region',
      { '/images/redis': 'ami-00000001' },
      { image: 'ami-00000001' },
    ],
  ])('takes no image for current where the parameter of a region %s', async (_, parameters, shown) => {
    const overview = await read({ [other]: { ...otherRegion, parameters } });
    expect(only(overview).current[1]).toEqual({ region: other, parameter: '/images/redis', ...shown });
    expect(only(overview).images.map(({ currentIn }) => currentIn)).toEqual([[], [own]]);
  });

  test('does not take what only claims to be a copy for one', async () => {
    const renamed = copyOf(old, 'ami-c0000001', { name: 'redis-1700000000' });
    const overview = await read({ [other]: { ...otherRegion, images: [renamed] } });
    expect(only(overview).images[1]).toMatchObject({ copies: [], currentIn: [own] });
  });

  test('shows why an image was rejected, and that a revocation outweighs it', async () => {
    const rejected = bakeOf('redis', 'ami-1', 3, { verified: false, rejected: true, rejection: 'no port' });
    const revoked = bakeOf('redis', 'ami-2', 4, { rejected: true, rejection: 'x', revoked: 'CVE-1' });
    const overview = await read({ [own]: { ...ownRegion, images: [revoked, rejected] } });
    expect(only(overview).images).toMatchObject([
      { id: 'ami-1', state: 'rejected', reason: 'no port' },
      { id: 'ami-2', state: 'revoked', reason: 'CVE-1' },
    ]);
  });

  test('leaves out what bears the tags of a node and is not its own', async () => {
    const backup = bakeOf('redis', 'ami-backup', 1, {
      notOurs: { kind: 'of-server', launchedFrom: 'ami-00000001' },
    });
    const elses = bakeOf('web', 'ami-web', 1);
    const overview = await read({ [own]: { ...ownRegion, images: [old, backup, elses] } });
    expect(only(overview).images.map(({ id }) => id)).toEqual(['ami-00000001']);
  });
});

describe('what could not be read', () => {
  const unknown = (overview: Overview) => only(overview).images.map(({ usersUnknownIn }) => usersUnknownIn);

  test('is a sentence each, and users that could not be read are not known', async () => {
    const overview = await read({}, { [other]: { references: denied('DescribeInstances') } });
    expect(overview.problems).toEqual([
      'what uses images is not known in eu-west-1: DescribeInstances was denied',
    ]);
    // Only the older one has a copy there.
    expect(unknown(overview)).toEqual([[], [other]]);
    expect(only(overview).images[1]?.users).toHaveLength(1);
  });

  test('of a region that is away leaves all else there', async () => {
    const overview = await read({}, { [other]: { images: away } });
    expect(overview.problems).toEqual([
      'images, what uses them, and the parameters of Systems Manager are not known in eu-west-1: DescribeImages: AWS cannot be reached',
    ]);
    expect(unknown(overview)).toEqual([[other], [other]]);
    expect(only(overview).current).toMatchObject([{ original: 'ami-00000001' }, { region: other }]);
    expect(only(overview).current[1]).toHaveProperty('unknown');
  });

  test('of a region in which the node is no longer promoted matters for images that were in service', async () => {
    const alone = { ...redis, promote: { ...redis.promote, regions: {} } };
    const nodes = [alone, { ...redis, name: 'web' }];
    const overview = await read({}, { [other]: { images: away } }, { nodes });
    expect(unknown(overview)).toEqual([[], [other]]);
  });

  test('of a region that may not list images still shows what its parameters hold', async () => {
    const overview = await read({}, { [other]: { images: denied('DescribeImages') } });
    expect(only(overview).current[1]).toMatchObject({ image: 'ami-c0000001' });
    expect(only(overview).current[1]).toHaveProperty('unknown');
    expect(overview.problems).toHaveLength(1);
  });

  test('of the own region, but for its images, is a sentence, too', async () => {
    const overview = await read(
      {},
      { [own]: { references: denied('DescribeFleets'), snapshots: denied('DescribeSnapshots'), resources: denied('DescribeVolumes'), account: away } },
    ); // prettier-ignore
    expect(overview).toMatchObject({ leftovers: undefined, account: undefined });
    expect(overview.problems).toHaveLength(4);
    expect(unknown(overview)).toEqual([[own], [own]]);
    expect(only(overview).images.map(({ gib }) => gib)).toEqual([undefined, undefined]);
  });

  test('of the own images is an error: there is nothing to show', async () => {
    await expect(read({}, { [own]: { images: denied('DescribeImages') } })).rejects.toMatchObject({
      exitCode: 4,
    });
  });

  test('of a region that is not enabled says so', async () => {
    const cause = Object.assign(new Error('no'), { name: 'AuthFailure' });
    const refused = new CloudError('credentials', 'refused', cause);
    const { problems } = await read({}, { [other]: { images: refused } });
    expect(problems[0]).toContain('the region is not enabled for this account (AuthFailure)');
  });

  test('is no bug of AWS: one of ours is thrown', async () => {
    await expect(read({}, { [other]: { references: new TypeError('ours') } })).rejects.toThrow(TypeError);
  });

  test('of the reports is a sentence', async () => {
    const reports = mkdtempSync(join(tmpdir(), 'overview-'));
    mkdirSync(join(reports, 'redis'));
    writeFileSync(join(reports, 'redis/bake.json'), '{}');
    const { problems } = await read({}, {}, { reports });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('is not a bake record of schema 1');
  });
});
