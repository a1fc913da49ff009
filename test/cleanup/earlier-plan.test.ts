import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkCleanupFlags, type CleanupFlags, cleanupSettings } from '../../src/cleanup/settings.ts';
import { allowedIn, parseCleanupPlan, readCleanupPlan } from '../../src/cleanup/earlier-plan.ts';
import { hour, nowMs } from '../aws/fixtures.ts';
import { root } from '../cli/stage-process.ts';

const place = { region: 'us-east-1', account: '123456789012', nowMs, staleOk: false };
const plan = (over: object = {}) => ({
  schema: 1,
  region: 'us-east-1',
  account: '123456789012',
  madeAt: new Date(nowMs - hour).toISOString(),
  decisions: [
    { image: { id: 'ami-1' }, action: 'delete' },
    { image: { id: 'ami-2' }, action: 'disable' },
    { image: { id: 'ami-3' }, action: 'keep' },
    { image: { id: 'ami-4' }, action: 'hold' },
  ],
  snapshots: [
    { snapshot: { id: 'snap-1' }, action: 'delete' },
    { snapshot: { id: 'snap-2' }, action: 'keep' },
  ],
  ...over,
});
const parse = (over?: object, where = {}) =>
  parseCleanupPlan(JSON.stringify(plan(over)), 'p.json', { ...place, ...where });

describe('a plan file', () => {
  test('says what may be deleted', () => {
    expect(parse()).toEqual({
      images: new Map([
        ['ami-1', 'delete'],
        ['ami-2', 'disable'],
      ]),
      snapshots: new Set(['snap-1']),
    });
  });

  test('says it of each region; of one that was not available, or that it does not know, it allows nothing', () => {
    const eu = { region: 'eu-west-1', decisions: [{ image: { id: 'ami-9', snapshotIds: ['snap-9'] }, action: 'delete' }], snapshots: [] };
    const read = parse({ otherRegions: [eu, { region: 'us-west-2', unavailable: 'denied' }] });
    expect(allowedIn(read, 'us-east-1', 'us-east-1')).toMatchObject({ snapshots: new Set(['snap-1']) });
    expect(allowedIn(read, 'eu-west-1', 'us-east-1')).toEqual({
      images: new Map([['ami-9', 'delete']]),
      snapshots: new Set(['snap-9']),
    });
    for (const plan of [read, parse()]) {
      expect(allowedIn(plan, 'us-west-2', 'us-east-1')).toEqual({ images: new Map(), snapshots: new Set() });
    }
    expect(() => parse({ otherRegions: [{ region: 'eu-west-1' }] })).toThrow('otherRegions.0');
  }); // prettier-ignore

  test('of schema 1 still says the same', async () => {
    const file = join(root, 'test/cleanup/fixtures/cleanup.json');
    expect(await readCleanupPlan(file, place)).toEqual({
      images: new Map([['ami-old', 'delete']]),
      snapshots: new Set(['snap-alone', 'snap-old']),
    });
  });

  test('that was cut off between an image and its snapshots allows deleting these, not those of an image to disable', () => {
    const image = (id: string, action: string) => ({ image: { id, snapshotIds: [`of-${id}`] }, action });
    const decisions = [image('a', 'delete'), image('b', 'disable'), image('c', 'keep'), image('d', 'hold')];
    expect(parse({ decisions }).snapshots).toEqual(new Set(['snap-1', 'of-a']));
  });

  test.each<[string, object, object, string]>([
    ['another region', { region: 'eu-west-1' }, {}, 'is of the region eu-west-1, not us-east-1'],
    ['another account', { account: '1' }, {}, 'is of the account 1, not 123456789012'],
    ['another schema', { schema: 2 }, {}, 'schema 1 (schema: '],
    ['an action that there is not', { decisions: [{ image: { id: 'a' }, action: 'burn' }] }, {}, 'decisions.0.action'],
    ['nothing of snapshots', { snapshots: undefined }, {}, 'snapshots: '],
    ['more than a day ago', { madeAt: new Date(nowMs - 24 * hour - 1).toISOString() }, {}, 'over a day old (--stale-ok takes it)'],
    ['the future', { madeAt: new Date(nowMs + hour).toISOString() }, { staleOk: true }, 'in the future'],
    ['no time', { madeAt: 'today' }, {}, 'madeAt: '],
  ])('of %s is refused', (_, over, where, why) => {
    expect(() => parse(over, where)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(why) }));
  }); // prettier-ignore

  test('names all that is wrong at once', () => {
    expect(() => parse({ region: 'eu-west-1', account: '1' })).toThrow(/eu-west-1[^]*account 1/);
  });

  test.each<[string, object]>([
    ['a day old', { madeAt: new Date(nowMs - 24 * hour).toISOString() }],
    ['a little ahead of this clock', { madeAt: new Date(nowMs + 4 * 60_000).toISOString() }],
  ])('that is %s is taken', (_, over) => {
    expect(parse(over).images.size).toBe(2);
  });

  test('that is older is accepted with the flag for it', () => {
    expect(parse({ madeAt: new Date(nowMs - 90 * 24 * hour).toISOString() }, { staleOk: true }).images.size).toBe(2);
  }); // prettier-ignore

  test('that is missing or no JSON is refused with a sentence', async () => {
    expect(() => parseCleanupPlan('{', 'p.json', place)).toThrow(/p\.json is not JSON: make a new one/);
    await expect(readCleanupPlan('/nonexistent/p.json', place)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('does not exist') });
  }); // prettier-ignore
});

const flags = (over: Partial<CleanupFlags> = {}): CleanupFlags => ({
  keep: 5,
  node: [],
  regions: [],
  apply: false,
  'min-age': hour,
  'max-delete': undefined,
  'no-fuse': false,
  gone: false,
  adopt: false,
  'disable-first': undefined,
  'ignore-reference': [],
  'all-template-versions': false,
  'cleanup-plan': undefined,
  'stale-ok': false,
  leaks: false,
  finished: [],
  price: 0.05,
  ...over,
});

describe('the flags of cleanup', () => {
  test.each<[string, Partial<CleanupFlags>, string]>([
    ['regions with --leaks', { leaks: true, regions: ['eu-west-1'] }, '--regions has no meaning with --leaks'],
    ['a plan without --apply', { 'cleanup-plan': 'p.json' }, '--cleanup-plan FILE goes with --apply'],
    ['--stale-ok without a plan', { 'stale-ok': true, apply: true }, '--stale-ok goes with --cleanup-plan'],
    ['a kind of reference that there is not', { 'ignore-reference': ['instances'] }, "'instances' is none of instance, launch-template,"],
    ['--gone of leaks', { leaks: true, gone: true }, '--gone has no meaning with --leaks'],
    ['--max-delete of leaks', { leaks: true, 'max-delete': 3 }, '--max-delete has no meaning with --leaks'],
  ])('refuse %s', (_, over, why) => {
    expect(() => { checkCleanupFlags(flags(over)); }).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(why) }));
  }); // prettier-ignore

  test('name all that is wrong at once', () => {
    expect(() => {
      checkCleanupFlags(flags({ 'cleanup-plan': 'p', leaks: true, 'ignore-reference': ['x', 'y'] }));
    }).toThrow(/--cleanup-plan FILE goes[^]*--cleanup-plan has no meaning[^]*'x'[^]*'y'/);
  });

  test.each<[Partial<CleanupFlags>, number | undefined, boolean]>([
    [{}, 20, true],
    [{ 'max-delete': 3 }, 3, true],
    [{ 'no-fuse': true }, undefined, false],
    [{ 'no-fuse': true, 'max-delete': 3 }, 3, false],
  ])('%j: at most %s images, half of a node: %s', (over, maxDelete, half) => {
    const { signal } = new AbortController();
    const keep = new Map([['redis', undefined], ['web', 2]]);
    const order = cleanupSettings(flags(over), keep, undefined, signal);
    expect(order).toMatchObject({ maxDelete, half, keep: new Map([['redis', 5], ['web', 2]]) });
  }); // prettier-ignore
});
