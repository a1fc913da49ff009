import { describe, expect, test } from '@jest/globals';
import type { Image } from '../../src/aws/images.ts';
import { type Cleanup, cleanUpImages } from '../../src/cleanup/clean-up-images.ts';
import { cleanupResult } from '../../src/cleanup/cleanup-report.ts';
import { parseCleanupPlan } from '../../src/cleanup/earlier-plan.ts';
import { type CleanupSettings, otherRegions } from '../../src/cleanup/settings.ts';
import type { ReferenceKind } from '../../src/references/reference.ts';
import { ec2Error, hour, imageOfNode, never, nowMs } from '../aws/fixtures.ts';
import { Account, type Contents } from './account.ts';

const settings: CleanupSettings = {
  keep: new Map([['redis', 1]]),
  only: [],
  regions: [],
  apply: true,
  minAgeMs: hour,
  gone: false,
  adopt: false,
  finished: new Set(),
  maxDelete: 20,
  half: false,
  disableFirstDays: undefined,
  plan: undefined,
  ignored: [],
  price: 0.05,
  signal: never,
};
const image = (id: string, age: number, over: Partial<Image> = {}) =>
  imageOfNode('redis', {
    id,
    name: `redis-170000000${9 - age}`,
    verified: true,
    createdMs: nowMs - age * hour,
    ...over,
  });
const copy = (id: string, of: Image, over: Partial<Image> = {}) =>
  image(id, (nowMs - (of.createdMs ?? 0)) / hour, {
    name: of.name,
    copiedFrom: `us-east-1/${of.id}`,
    ...over,
  });
/** Of the own region: two originals, of which the older may go. */
const [older, newer] = [image('ami-10000001', 5), image('ami-10000002', 3)];
const [olderCopy, newerCopy] = [copy('ami-20000001', older), copy('ami-20000002', newer)];
const contents = (images: Image[], over: Partial<Contents> = {}): Contents => {
  return { images, snapshots: [], references: [], hidden: [], withInstances: [], nowMs, ...over };
};
const denied = () => Promise.reject(Object.assign(ec2Error('Denied'), { $metadata: {}, message: 'no' }));

/** Cleans an account with a region eu-west-1 besides its own. */
async function cleanUp(
  own: Contents,
  eu: Contents,
  over: Partial<CleanupSettings> = {},
  euWorld: object = {},
  record: (known: Cleanup) => void = () => undefined,
) {
  const [account, other] = [new Account(own), new Account(eu)];
  const steps: string[] = [];
  const connect = () => Promise.resolve({ ...other.world, ...euWorld });
  const end = await cleanUpImages({ ...settings, ...over }, {
    ...account.world,
    others: [{ region: 'eu-west-1', nodes: new Set(['redis']), connect }],
    record: (known) => {
      record(known);
      return Promise.resolve();
    },
    onStep: (region, count, of) => steps.push(`${region}: ${count} of ${of}`),
  });
  return { end, steps, result: cleanupResult(end), done: [...other.done.map((what) => `eu ${what}`), ...account.done] };
} // prettier-ignore
const reasonOf = ({ end }: { end: Cleanup }, id: string) =>
  end.decisions.find((one) => one.image.id === id)?.reason;
const user = { kind: 'ssm-parameter' as ReferenceKind, by: 'parameter /bakehouse/redis' };

describe('cleanup of several regions', () => {
  test('says in each region how many of its steps have been tried', async () => {
    const own = contents([older, newer]);
    const { steps } = await cleanUp(own, contents([olderCopy, newerCopy]));
    expect(steps).toEqual(['eu-west-1: 1 of 1', 'us-east-1: 1 of 1']);
  });

  test('decides in each by the same rules, and deletes copies before originals', async () => {
    const { done, result } = await cleanUp(contents([older, newer]), contents([olderCopy, newerCopy]));
    expect(done).toEqual(['eu deregister ami-20000001', 'deregister ami-10000001']);
    expect(result.exitCode).toBe(0);
    expect(result.table.head.slice(0, 3)).toEqual(['region', 'node', 'image']);
    expect(result.table.rows.map((row) => [row[0], row[2], row[5]].join(' '))).toEqual([
      'us-east-1 ami-10000002 keep',
      'us-east-1 ami-10000001 deleted',
      'eu-west-1 ami-20000002 keep',
      'eu-west-1 ami-20000001 deleted',
    ]);
    expect(result.closing).toEqual([
      'us-east-1: 1 image and 0 snapshots deleted',
      'eu-west-1: 1 image and 0 snapshots deleted',
    ]);
    expect(result.json).toMatchObject({
      schema: 1,
      region: 'us-east-1',
      decisions: [{}, { outcome: { kind: 'deleted' } }],
      otherRegions: [{ region: 'eu-west-1', decisions: [{}, { outcome: { kind: 'deleted' } }], snapshots: [] }],
    });
  }); // prettier-ignore

  test.each<[string, Partial<Image>, Partial<Contents>, string]>([
    ['in use', {}, { references: [['ami-20000001', user]] }, 'used by parameter /bakehouse/redis'],
    ['in use, as only a look at the one image shows', {}, { hidden: [['ami-20000001', user]] }, 'used by parameter /bakehouse/redis'],
    ['pending', { state: 'pending' }, {}, 'is pending'],
    ['tagged to be kept', { keepTag: true }, {}, 'has the tag bakehouse:keep'],
    ['protected', { protection: 'enabled' }, {}, 'protected from deregistration (enabled)'],
  ])('keeps the original of a copy that is %s, and names the region, the copy and the cause', async (_, over, eu, why) => {
    const euContents = contents([{ ...olderCopy, ...over }, newerCopy], eu);
    const { end, done, result } = await cleanUp(contents([older, newer]), euContents);
    expect(done).toEqual([]);
    expect(reasonOf({ end }, older.id)).toMatchObject({ kind: 'copy', region: 'eu-west-1', copy: 'ami-20000001' });
    expect(result.table.rows[1]?.at(-1)).toBe(`its copy ami-20000001 in eu-west-1: ${why}`);
  }); // prettier-ignore

  test('confirms that copies of what would go are unused, also those that stay where they are, already in a plan', async () => {
    const eu = contents([olderCopy], { hidden: [['ami-20000001', user]] });
    const end = await cleanUp(contents([older, newer]), eu, { apply: false });
    expect(reasonOf(end, older.id)).toMatchObject({
      kind: 'copy',
      because: { kind: 'in-use', users: [user] },
    });
  });

  test('keeps the images of a node that is gone from nodes.yaml where a region cannot be read: it may have been promoted there', async () => {
    const left = imageOfNode('left', { id: 'ami-40000001', name: 'left-1700000001', createdMs: nowMs - 9 * hour });
    const own = contents([left]);
    const gone = { gone: true };
    expect((await cleanUp(own, contents([]), gone)).done).toEqual(['deregister ami-40000001']);
    expect((await cleanUp(own, contents([]), gone, { images: denied })).done).toEqual([]);
  }); // prettier-ignore

  test.each<[string, Partial<Image>]>([
    ['of another name', { name: 'redis-1700000000' }],
    ['that EC2 says was copied from another image', { sourceImageId: 'ami-99999999' }],
    ['of another region of that name', { copiedFrom: 'us-west-1/ami-10000001' }],
    ["that is somebody's backup", { notOurs: { kind: 'name', name: 'nightly', node: 'redis' } }],
  ])('does not keep an original for what only seems to be its copy: an image %s', async (_, over) => {
    const eu = contents([{ ...olderCopy, ...over }], { references: [['ami-20000001', user]] });
    expect((await cleanUp(contents([older, newer]), eu)).done).toEqual(['deregister ami-10000001']);
  });

  test('a region that cannot be read frees nothing, is named with its cause, and ends with exit code 4', async () => {
    const web = imageOfNode('web', { id: 'ami-30000001', name: 'web-1700000001', createdMs: nowMs - 9 * hour, verified: true }); // prettier-ignore
    const newWeb = { ...web, id: 'ami-30000002', createdMs: nowMs - 8 * hour };
    const keep = new Map([['redis', 1], ['web', 1]]); // prettier-ignore
    const own = contents([older, newer, web, newWeb]);
    const end = await cleanUp(own, contents([olderCopy]), { keep }, { references: denied });
    // web is not promoted there.
    expect(end.done).toEqual(['deregister ami-30000001']);
    expect(reasonOf(end, older.id)).toEqual({ kind: 'region-unknown', region: 'eu-west-1' });
    expect(end.result.exitCode).toBe(4);
    expect(end.result.table.rows.at(-1)?.[0]).toBe('eu-west-1');
    expect(end.result.closing.at(-1)).toMatch(/^eu-west-1: NOT AVAILABLE: .*Denied: no/);
    expect(end.result.json).toMatchObject({
      otherRegions: [{ region: 'eu-west-1', unavailable: expect.stringContaining('Denied') }],
    });
    const served = contents([{ ...web, promotedMs: 1 }, newWeb]);
    expect((await cleanUp(served, contents([]), { keep }, { images: denied })).done).toEqual([]);
  });

  test('a region that is lost while its images are confirmed to be unused frees nothing either', async () => {
    const { done, result } = await cleanUp(contents([older, newer]), contents([olderCopy, newerCopy]), {}, { confirm: denied }); // prettier-ignore
    expect(done).toEqual([]);
    expect(result.exitCode).toBe(4);
  });

  test('a region that is lost before the last check of copies keeps the originals, and is asked once', async () => {
    let asked = 0;
    const lost = { copiesTagged: () => (asked++, denied()) };
    const own = contents([image('ami-10000000', 7), older, newer]);
    const { done, end, result } = await cleanUp(own, contents([newerCopy]), {}, lost);
    expect(done).toEqual([]);
    expect(asked).toBe(1);
    expect([...end.outcomes.values()].map(({ kind, why }) => `${kind}: ${why ?? ''}`)).toEqual(
      [1, 2].map(() => 'spared: whether its copies in eu-west-1 are in use cannot be checked now'),
    );
    expect(result.exitCode).toBe(4);
  });

  test('the own region must be read, else nothing is deleted anywhere', async () => {
    const other = new Account(contents([olderCopy, newerCopy]));
    const others = [{ region: 'eu-west-1', nodes: new Set(['redis']), connect: () => Promise.resolve(other.world) }]; // prettier-ignore
    const own = { ...new Account(contents([older, newer])).world, images: denied, others };
    await expect(cleanUpImages(settings, own)).rejects.toMatchObject({ exitCode: 4 });
    expect(other.done).toEqual([]);
  });

  test('--regions narrows what is deleted, never what keeps an original', async () => {
    const eu = contents([olderCopy, newerCopy]);
    const only = (region: string, over = eu) =>
      cleanUp(contents([older, newer]), over, { regions: [region] });
    expect((await only('eu-west-1')).done).toEqual(['eu deregister ami-20000001']);
    expect((await only('us-east-1')).done).toEqual(['deregister ami-10000001']);
    const used = { ...eu, references: [['ami-20000001', user] as [string, typeof user]] };
    expect((await only('us-east-1', used)).done).toEqual([]);
    expect((await only('us-east-1')).result.json).not.toHaveProperty('otherRegions');
    expect((await only('eu-west-1')).result.closing).toEqual(['eu-west-1: 1 image and 0 snapshots deleted']);
  });

  test('disables first in each region', async () => {
    const { done } = await cleanUp(contents([older, newer]), contents([olderCopy, newerCopy]), { disableFirstDays: 7 }); // prettier-ignore
    expect(done).toEqual(['eu disable ami-20000001', 'disable ami-10000001']);
  });

  test('deletes no more than an earlier plan says, in each region', async () => {
    const [own, eu] = [contents([older, newer]), contents([olderCopy, newerCopy])];
    const planned = await cleanUp(own, eu, { apply: false });
    const place = { region: 'us-east-1', account: '123456789012', nowMs, staleOk: false };
    const plan = parseCleanupPlan(JSON.stringify(planned.result.json), 'p.json', place);
    expect((await cleanUp(own, eu, { plan })).done).toHaveLength(2);
    // A plan of the own region only allows nothing elsewhere.
    const alone = JSON.stringify({ ...planned.result.json, otherRegions: undefined });
    const ofOne = parseCleanupPlan(alone, 'p.json', place);
    expect((await cleanUp(own, eu, { plan: ofOne })).done).toEqual(['deregister ami-10000001']);
  });

  test('writes what is known after each region, so that a kill leaves no deletion unrecorded', async () => {
    const known: number[] = [];
    await cleanUp(contents([older, newer]), contents([olderCopy, newerCopy]), {}, {}, ({ outcomes, otherRegions = [] }) => {
      known.push(outcomes.size + otherRegions.reduce((sum, one) => sum + ('outcomes' in one ? one.outcomes.size : 0), 0));
    });
    expect(known).toEqual([0, 1, 2]);
  }); // prettier-ignore
});

describe('the regions of a cleanup', () => {
  const promote = (...regions: string[]) => {
    const named = Object.fromEntries(regions.map((region) => [region, {}]));
    return { regions: named, accounts: [], parameter: '/p' };
  };
  const nodes = [
    { name: 'web', promote: promote('eu-west-1', 'us-east-1') },
    { name: 'redis', promote: promote('us-west-2', 'eu-west-1') },
    { name: 'db', promote: promote() },
  ];
  test('are those of all nodes besides the own one, each with its nodes', () => {
    expect(otherRegions('us-east-1', nodes, ['eu-west-1', 'us-east-1'])).toEqual(
      new Map([
        ['eu-west-1', new Set(['web', 'redis'])],
        ['us-west-2', new Set(['redis'])],
      ]),
    );
    expect(otherRegions('us-east-1', nodes.slice(2), [])).toEqual(new Map());
  });
  test('that --regions names must be among them', () => {
    expect(() => otherRegions('us-east-1', nodes, ['eu-west-2'])).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining("--regions 'eu-west-2' is none of us-east-1, eu-west-1, us-west-2"),
      }),
    );
  });
});
