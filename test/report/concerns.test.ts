import { describe, expect, test } from '@jest/globals';
import type { CurrentImage, ImageOverview, NodeOverview } from '../../src/overview/overview.ts';
import { bakesOf, phasesPlot, slowestPlot } from '../../src/report/bake-plots.ts';
import { concernsOf } from '../../src/report/concerns.ts';
import { nowMs } from '../aws/fixtures.ts';
import { other, own } from '../overview/account.ts';
import { dayMs, imageOverview, nodeOverview } from '../overview/overviews.ts';

const parameter = '/images/redis';
const at = (image: string): CurrentImage => ({
  ...{ region: own, parameter, image, original: image },
});
const image = (over: Partial<ImageOverview> = {}) => imageOverview('ami-1', over);
const user = { region: own, kind: 'instance', by: 'instance i-1' };

describe('what needs attention', () => {
  test.each<[string, Partial<NodeOverview>, string[]]>([
    ['nothing, of a node without images', {}, []],
    ['nothing, of a verified image in service', { images: [image()], current: [at('ami-1')] }, []],
    [
      'an image in service that is older than the limit',
      { images: [image({ bakedMs: nowMs - 31 * dayMs })], current: [at('ami-1')], maxAgeMs: 30 * dayMs },
      [`bad ami-1, in service in ${own}, is 31 d old; the limit is 30 d`],
    ],
    [
      'nothing, at the limit itself, nor where the age is not known',
      {
        images: [image({ bakedMs: nowMs - 30 * dayMs }), imageOverview('ami-2', { bakedMs: undefined })],
        ...{ current: [at('ami-1'), at('ami-2')], maxAgeMs: 30 * dayMs },
      },
      [],
    ],
    [
      'a revoked image in service and in use',
      {
        images: [image({ state: 'revoked', reason: 'CVE', users: [user] })],
        current: [at('ami-1')],
      },
      [
        `bad ami-1, in service in ${own}, is revoked: CVE`,
        'bad ami-1, which is revoked, is used by 1 resource',
      ],
    ],
    [
      'a newest image that is rejected',
      { images: [image({ state: 'rejected', reason: 'no sshd' })] },
      ['bad the newest image, ami-1, is rejected: no sshd'],
    ],
    [
      'the wrong before the doubtful: a region where nothing is, what is not known, what is not of the node',
      {
        current: [
          { region: own, parameter, image: 'ami-9' },
          { region: other, parameter },
          { region: 'eu-west-1', parameter, unknown: 'denied' },
        ],
        plan: { action: 'failed', reasons: ['no manifest'], madeMs: nowMs, commit: '', bakedSince: false },
      },
      [
        'bad plan could not decide: no manifest',
        `warn ami-9, in service in ${own}, is none of the node's images`,
        `warn nothing is in service in ${other}`,
        'warn what is in service in eu-west-1 is not known: denied',
      ],
    ],
    [
      'a failed bake after the newest image',
      {
        images: [image()],
        lastBake: { status: 'failed', startedMs: nowMs, phases: [], error: 'no capacity' },
      },
      ['bad the last bake failed: no capacity'],
    ],
    [
      'nothing, of a failed bake before the newest image',
      { images: [image()], lastBake: { status: 'failed', startedMs: 0, phases: [] } },
      [],
    ],
  ])('%s', (_, over, expected) => {
    const found = concernsOf(nodeOverview(over), nowMs);
    expect(found.map(({ level, text }) => `${level} ${text}`)).toEqual(expected);
  });

  test('is short, with its end, also where a bake failed with a page of text', () => {
    const error = `E: ${'x'.repeat(10_000)}: no space left on device`;
    const lastBake = { status: 'failed' as const, startedMs: nowMs, phases: [], error };
    const [found] = concernsOf(nodeOverview({ lastBake }), nowMs);
    expect(found?.text.length).toBeLessThanOrEqual(500);
    expect(found?.text).toMatch(/^the last bake failed: E: xx.* … .*no space left on device$/);
  });
});

describe('the plots', () => {
  const bake = (startedMs: number, seconds: number) => ({
    ...{ status: 'baked' as const, startedMs, phases: [{ phase: 'provision', seconds }] },
    puppet: {
      ...{ changed: 0, unchanged: 1, failed: 0, skipped: 0, changes: [] },
      slowest: [{ resource: 'Package[a]', messages: [], seconds }],
    },
  });

  test('are of the last 12 bakes, the oldest first, none of them twice', () => {
    const images = Array.from({ length: 15 }, (_, index) =>
      imageOverview(`ami-${index}`, { bake: { ...bake(1000 - index, 1), image: `ami-${index}` } }),
    );
    const lastBake = { ...bake(1000, 1), image: 'ami-0' };
    const drawn = bakesOf(nodeOverview({ images, lastBake }));
    expect(drawn.map(({ startedMs }) => startedMs)).toEqual(
      Array.from({ length: 12 }, (_, index) => 989 + index),
    );
  });

  test('say the newest, the middle and the most of each phase and resource', () => {
    const bakes = [bake(1, 30), bake(2, 10), bake(3, 20)];
    expect(phasesPlot(bakes)?.rows).toEqual([
      { name: 'provision', last: '20 s', middle: '20 s', most: '30 s' },
    ]);
    expect(slowestPlot(bakes)?.rows).toMatchObject([{ resource: 'Package[a]', middle: '20 s', bakes: 3 }]);
  });

  test('are not there where no bake says how long it took', () => {
    expect(phasesPlot([{ status: 'running', startedMs: 1, phases: [] }])).toBeUndefined();
    expect(slowestPlot([{ status: 'running', startedMs: 1, phases: [] }])).toBeUndefined();
  });
});
