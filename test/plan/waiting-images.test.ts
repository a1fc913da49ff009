import { describe, expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import type { Archive } from '../../src/contents/archive.ts';
import { sha256 } from '../../src/lib/hash.ts';
import type { Image } from '../../src/aws/images.ts';
import { planFileOf } from '../../src/plan/plan-file.ts';
import { planResult } from '../../src/plan/plan-result.ts';
import { waitingImages } from '../../src/plan/waiting-images.ts';
import { imageOfNode } from '../aws/fixtures.ts';
import { contents } from '../contents/contents-samples.ts';

const files: Record<string, string> = {
  'redis/ami-01': JSON.stringify(contents({ image: 'ami-01', kernel: '5' })),
  'redis/ami-02': JSON.stringify(contents({ image: 'ami-02', kernel: '6' })),
};
const asked: string[] = [];
const archive: Archive = {
  name: 'reports',
  read: (node, image) => {
    asked.push(image);
    return Promise.resolve(files[`${node}/${image}`]);
  },
  write: () => Promise.reject(new Error('plan writes nothing')),
};
const image = (id: string, bakedMs: number, over: Partial<Image> = {}) =>
  imageOfNode('redis', {
    id,
    bakedMs,
    verified: true,
    contents: sha256(files[`redis/${id}`] ?? ''),
    ...over,
  });
const old = image('ami-01', 1, { promotedMs: 5 });
const waitingOf = async (images: Image[], from = archive) => {
  const lines: string[] = [];
  asked.length = 0;
  const found = await waitingImages(['redis', 'web'], images, from, (line) => lines.push(line));
  return { found: Object.fromEntries(found), lines, asked: [...asked].sort() };
};

describe('a verified image that waits for promote', () => {
  const waiting = {
    image: 'ami-02',
    inService: 'ami-01',
    summary: 'another kernel',
    lines: ['kernel 5 → 6'],
  };

  test('is shown with what it would change', async () => {
    expect((await waitingOf([old, image('ami-02', 2)])).found).toEqual({ redis: waiting });
  });

  test.each([
    ['is in service itself', [image('ami-02', 2, { promotedMs: 9 }), old]],
    ['has none in service to be compared with', [image('ami-02', 2), image('ami-01', 1)]],
    ['was taken out of service', [{ ...old, promotedMs: 9 }, image('ami-02', 2, { promotedMs: 5 })]],
    ['is not verified', [old, image('ami-02', 2, { verified: false })]],
    ['has no contents', [old, image('ami-02', 2, { contents: undefined })]],
  ])('is not there, and nothing is read, where the newest %s', async (_, images) => {
    expect(await waitingOf(images)).toEqual({ found: {}, lines: [], asked: [] });
  });

  test('is not shown where a file is not kept, or is not that of the tag', async () => {
    const other = await waitingOf([old, image('ami-02', 2, { contents: 'f'.repeat(64) })]);
    const gone = await waitingOf([old, image('ami-03', 3)]);
    expect([other.found, gone.found, other.lines, gone.lines]).toEqual([{}, {}, [], []]);
  });

  test('is a warning where the archive does not answer', async () => {
    const read = () => Promise.reject(new CloudError('denied', 's3://b: it was denied', undefined));
    const { found, lines } = await waitingOf([old, image('ami-02', 2)], { ...archive, read });
    expect([found, lines]).toEqual([
      {},
      [
        'warning: what changed in ami-02 is not known: the contents of ami-01 cannot be read: s3://b: it was denied',
      ],
    ]);
  });

  test('stands below the reasons of its node, in a row of its own', () => {
    const decisions = ['redis', 'web'].map((node) => ({
      node,
      action: 'skip' as const,
      reasons: [{ kind: 'unchanged' as const, image: 'ami-02' }],
    }));
    const about = { createdAt: '', region: 'us-east-1', manifests: { commit: 'c', dirty: false, tree: '' } };
    const judged = {
      nodes: [],
      manifests: { tree: new Map(), commit: undefined, dirty: false },
      pluginFiles: {},
    };
    const file = planFileOf(decisions, new Map(), about);
    expect(planResult({ file, decisions, judged }, new Map([['redis', waiting]])).table.rows).toEqual([
      [
        'skip',
        'redis',
        [
          'nothing changed since image ami-02',
          'ami-02 is verified and not in service; against ami-01: another kernel',
          '  kernel 5 → 6',
        ],
      ],
      ['skip', 'web', ['nothing changed since image ami-02']],
    ]);
  });
});
