import { describe, expect, test } from '@jest/globals';
import { tableText } from '../../src/cli/table.ts';
import { ageText } from '../../src/lib/printable.ts';
import type { CurrentImage, ImageOverview, LastPlan, NodeOverview } from '../../src/overview/overview.ts';
import { statusResult, statusRow } from '../../src/status/status-result.ts';
import { nowMs } from '../aws/fixtures.ts';
import { other, own } from '../overview/account.ts';
import { dayMs, imageOverview, nodeOverview, overviewOf } from '../overview/overviews.ts';
import { fc, runs } from '../runs.ts';

const parameter = '/images/redis';
const here = (over: Partial<CurrentImage> = {}) => ({ region: own, parameter, ...over });
const there = (over: Partial<CurrentImage> = {}) => ({ region: other, parameter, ...over });
const newest = imageOverview('ami-2');
const older = imageOverview('ami-1', { bakedMs: nowMs - 40 * dayMs });
const node = (over: Partial<NodeOverview> = {}) => nodeOverview({ images: [newest, older], ...over });
const cell = (column: number, over: Partial<NodeOverview>) => statusRow(node(over), nowMs)[column];
const user = { region: own, kind: 'instance', by: 'instance i-1' };

describe('a line of status', () => {
  test('of a node without images says so, and no age', () => {
    expect(statusRow(nodeOverview(), nowMs)).toEqual(['redis', 'none', '-', '-', 'none', '0', '-']);
  });

  test.each<[string, CurrentImage[]]>([
    ['newest', [here({ image: 'ami-2', original: 'ami-2' })]],
    ['newest', [here({ image: 'ami-2', original: 'ami-2' }), there({ image: 'ami-c', original: 'ami-2' })]],
    ['newest (us-east-1), none (eu-west-1)', [here({ image: 'ami-2', original: 'ami-2' }), there()]],
    ['none', [here(), there()]],
    ['ami-1, 40 d', [here({ image: 'ami-1', original: 'ami-1' })]],
    ['not ours: ami-9', [here({ image: 'ami-9' })]],
    ['none (us-east-1), not known (eu-west-1)', [here(), there({ unknown: 'no answer' })]],
    ['not known', [here({ unknown: 'no answer' })]],
  ])('names what is current in few words: %s', (text, current) => {
    expect(cell(4, { current })).toBe(text);
  });

  test('says of a current image that it is no longer a good one', () => {
    const images = [newest, { ...older, state: 'revoked' as const }];
    expect(cell(4, { images, current: [here({ image: 'ami-1', original: 'ami-1' })] })).toBe(
      'ami-1, 40 d, revoked',
    );
    const bad = [imageOverview('ami-2', { state: 'rejected' })];
    expect(cell(4, { images: bad, current: [here({ image: 'ami-2', original: 'ami-2' })] })).toBe(
      'ami-2, 24 h, rejected',
    );
  });

  test('marks an age that exceeds max_age, of the newest image and of the current one', () => {
    const current = [here({ image: 'ami-1', original: 'ami-1' })];
    expect([cell(2, { current, maxAgeMs: 30 * dayMs }), cell(4, { current, maxAgeMs: 30 * dayMs })]).toEqual([
      '24 h',
      'ami-1, 40 d > 30 d',
    ]);
    expect(cell(2, { images: [older], maxAgeMs: 30 * dayMs })).toBe('40 d > 30 d');
    expect(cell(2, { images: [older], maxAgeMs: 40 * dayMs })).toBe('40 d');
  });

  test.each<[string, Partial<ImageOverview>[]]>([
    ['0', [{}]],
    ['1', [{ users: [user] }, { users: [user] }]],
    ['2', [{ users: [user] }, { users: [{ ...user, region: other }] }]],
    ['not known', [{ usersUnknownIn: [own] }]],
    ['1 or more', [{ users: [user] }, { usersUnknownIn: [other] }]],
  ])('counts what uses the images of a node, each once: %s', (text, images) => {
    expect(cell(5, { images: images.map((over, n) => imageOverview(`ami-${n}`, over)) })).toBe(text);
  });

  test.each<[string, Partial<LastPlan> | undefined]>([
    ['-', undefined],
    ['bake (2 h ago)', {}],
    ['skip (2 h ago)', { action: 'skip' }],
    ['baked since', { bakedSince: true }],
  ])('tells what plan decided, and how long ago: %s', (text, plan) => {
    const last: LastPlan = {
      ...{ action: 'bake', reasons: [], madeMs: nowMs - 2 * 3_600_000, commit: 'c', bakedSince: false },
      ...plan,
    };
    expect(cell(6, plan === undefined ? {} : { plan: last })).toBe(text);
  });

  test('never shows what is not known as unused', () => {
    const regions = fc.subarray([own, other]);
    const images = fc.array(fc.record({ usersUnknownIn: regions, used: fc.boolean() }), { minLength: 1 });
    fc.assert(
      fc.property(images, (all) => {
        const known = all.map(({ usersUnknownIn, used }, n) =>
          imageOverview(`ami-${n}`, { usersUnknownIn, users: used ? [user] : [] }),
        );
        const isKnown = all.every(({ usersUnknownIn }) => usersUnknownIn.length === 0);
        expect(cell(5, { images: known }) === '0').toBe(isKnown && !all.some(({ used }) => used));
      }),
      runs(100),
    );
  });
});

describe('the result of status', () => {
  test('is 4 with the table when something could not be read, else 0', () => {
    const result = statusResult(overviewOf([node()], { leftovers: undefined, problems: ['x is not known'] }));
    expect(result).toMatchObject({ exitCode: 4, closing: ['x is not known'] });
    expect(result.table.rows).toHaveLength(1);
    expect(statusResult(overviewOf([node()])).exitCode).toBe(0);
  });

  test('counts what ended runs left behind', () => {
    expect(statusResult(overviewOf([], { leftovers: ['volume vol-1: old'] })).closing).toEqual([
      '1 leftover of ended runs: cleanup --leaks lists them',
    ]);
  });

  test('has for a program times in ISO 8601, null for what is not known, and no lists of contents', () => {
    const images = [imageOverview('ami-1', { bakedMs: undefined, gib: undefined, promotedMs: nowMs })];
    const overview = overviewOf([node({ images, maxAgeMs: 5 })], { leftovers: undefined });
    const [first] = overview.nodes;
    const { json } = statusResult({ ...overview, nodes: [{ ...first, contents: {} } as NodeOverview] });
    expect(json).toMatchObject({
      ...{ schema: 1, madeAt: '2026-01-02T12:00:00.000Z', leftovers: null },
      nodes: [
        { maxAgeMs: 5, images: [{ bakedAt: null, gib: null, promotedAt: '2026-01-02T12:00:00.000Z' }] },
      ],
    });
    expect(JSON.stringify(json)).not.toContain('contents');
  });

  test('puts what is current below a line that is too long for the screen', async () => {
    const current = [here({ image: 'ami-1', original: 'ami-1' }), there({ image: 'ami-0123456789abcdef0' })];
    const long = node({ current, images: [{ ...newest, id: 'ami-0a1b2c3d4e5f60718' }, older] });
    const { table } = statusResult(overviewOf([long, node({ node: 'web' })]));
    const screen = { width: 80, wrap: true, colour: false };
    const lines = (await tableText(table, screen)).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toBe('    ami-1, 40 d (us-east-1), not ours: ami-0123456789abcdef0 (eu-west-1)');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('is a line for each node in 100 columns', async () => {
    const wide = node({ current: [here({ image: 'ami-2', original: 'ami-2' }), there()] });
    const text = await tableText(statusResult(overviewOf([wide, { ...wide, node: 'web' }])).table);
    expect(text.split('\n')).toHaveLength(4);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

test.each([
  ['0 min', -5_000],
  ['47 h', 2 * dayMs - 1],
  ['2 d', 2 * dayMs],
  ['59 min', 3_599_999],
])('an age is in one unit, rounded down: %s', (text, ms) => {
  expect(ageText(ms)).toBe(text);
});
