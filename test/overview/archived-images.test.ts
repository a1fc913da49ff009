import { describe, expect, test } from '@jest/globals';
import type { ArchivedFile } from '../../src/contents/archive.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { exitCode, StageError } from '../../src/lib/errors.ts';
import { readOverview } from '../../src/overview/read-overview.ts';
import { nowMs } from '../aws/fixtures.ts';
import { contents } from '../contents/contents-samples.ts';
import { bakeOf, memoryAccount, own, redis } from './account.ts';

const text = (image: string, version: string) => {
  const [openssl, curl] = contents().packages;
  if (openssl === undefined || curl === undefined) throw new Error('there are two packages');
  return JSON.stringify(contents({ image, packages: [{ ...openssl, version }, curl] }));
};
const [oldText, newText] = [text('ami-00000001', '3.0.15'), text('ami-00000002', '3.0.17')];
const bakeJson = (imageId: string, over: object = {}) =>
  JSON.stringify({
    ...{
      schema: 1,
      node: 'redis',
      run: 'run-1',
      status: 'baked',
      imageName: 'redis-1',
      imageId,
      region: own,
    },
    ...{ commit: 'c', startedAt: '2026-01-02T10:00:00.000Z', finishedAt: '2026-01-02T10:01:30.000Z' },
    ...{ process: { host: 'h', pid: 1, startTicks: 1 }, packerVersion: '1.6.6', leftovers: [] },
    ...{ phases: [{ phase: 'Puppet', seconds: 30 }], ...over },
  });
const puppet = {
  ...{ changed: 1, unchanged: 2, failed: 0, skipped: 0 },
  changes: [{ resource: 'File[/etc/motd]', file: 'site.pp', line: 3, messages: ['content changed'] }],
  slowest: [],
};
const verifyJson = (run = 'run-1') =>
  JSON.stringify({ schema: 1, node: 'redis', run, verified: true, reasons: [], puppet });

const old = bakeOf('redis', 'ami-00000001', 48, { contents: sha256(oldText), promotedMs: nowMs });
const recent = bakeOf('redis', 'ami-00000002', 2, { contents: sha256(newText) });
const usual = {
  'ami-00000001 contents.json': oldText,
  'ami-00000002 contents.json': newText,
  'ami-00000002 bake.json': bakeJson('ami-00000002'),
  'ami-00000002 verify.json': verifyJson(),
};

/** An archive of these files; an error in place of one is thrown. */
async function read(
  files: Record<string, string | Error>,
  { images = [old, recent], of = 20, parameters = { '/images/redis': 'ami-00000001' } } = {},
) {
  const asked: string[] = [];
  const archive = {
    name: 'kept',
    read: (_: string, image: string, file: ArchivedFile) => {
      asked.push(`${image} ${file}`);
      const found = files[`${image} ${file}`];
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  };
  const { account } = memoryAccount({ [own]: { images, parameters } });
  const nodes = [{ ...redis, promote: { ...redis.promote, regions: {} } }];
  const overview = await readOverview(
    { nodes, reports: '/nowhere', plan: undefined, archive: { archive, images: of } },
    account,
  );
  const [node] = overview.nodes;
  if (node === undefined) throw new Error('there is a node');
  return { node, problems: overview.problems, asked };
}

describe('what is kept of images', () => {
  test('shows contents of the newest image, what changed since the current one, and its bake', async () => {
    const { node, problems } = await read(usual);
    expect(problems).toEqual([]);
    expect(node.contents?.image).toBe('ami-00000002');
    expect(node.difference).toMatchObject({
      ...{ from: 'ami-00000001', to: 'ami-00000002' },
      packages: {
        added: [],
        removed: [],
        changed: [{ from: { version: '3.0.15' }, to: { version: '3.0.17' } }],
      },
    });
    expect(node.images.map(({ bake }) => bake)).toEqual([
      {
        ...{ status: 'baked', image: 'ami-00000002', startedMs: Date.UTC(2026, 0, 2, 10), seconds: 90 },
        ...{ phases: [{ phase: 'Puppet', seconds: 30 }], puppet },
      },
      undefined,
    ]);
  });

  test('that is missing is no problem', async () => {
    const { node, problems } = await read({});
    expect([problems, node.contents, node.difference]).toEqual([[], undefined, undefined]);
  });

  test('counts only if it is what the bake wrote: else it is said', async () => {
    const { node, problems } = await read({ ...usual, 'ami-00000002 contents.json': oldText });
    expect(node.contents).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('ami-00000002/contents.json in kept does not count');
  });

  test.each([
    ['is not JSON', '{'],
    ['is of another image', bakeJson('ami-00000001')],
    ['is of another node', bakeJson('ami-00000002', { node: 'web' })],
  ])('is a sentence where a record %s', async (_, bake) => {
    const { node, problems } = await read({ ...usual, 'ami-00000002 bake.json': bake });
    expect(node.images[0]?.bake).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('bake.json of ami-00000002 in kept');
  });

  test('has no word of Puppet where verify judged another bake', async () => {
    const { node } = await read({ ...usual, 'ami-00000002 verify.json': verifyJson('run-0') });
    expect(node.images[0]?.bake).not.toHaveProperty('puppet');
  });

  test('is not asked of images whose bake listed nothing', async () => {
    const images = [{ ...recent, contents: undefined }];
    const { asked } = await read(usual, { images });
    expect(asked).not.toContain('ami-00000002 contents.json');
  });

  test('is read of the newest images only, and of none where none is wanted', async () => {
    const images = Array.from({ length: 30 }, (_, n) => bakeOf('redis', `ami-000000${n + 10}`, n));
    const bakes = (await read({}, { images })).asked.filter((file) => file.endsWith('bake.json'));
    expect(bakes).toHaveLength(20);
    expect(bakes[0]).toBe('ami-00000010 bake.json');
    expect((await read(usual, { of: 0 })).asked.every((file) => file.endsWith('contents.json'))).toBe(true);
  });

  test('of an archive that fails is asked no more after three failures, each of which is said', async () => {
    const images = Array.from({ length: 20 }, (_, n) => bakeOf('redis', `ami-000000${n + 10}`, n));
    const away = Object.fromEntries(
      images.map(({ id }) => [`${id} bake.json`, new StageError('S3 is away', exitCode.unavailable)]),
    );
    const { problems, asked } = await read(away, { images });
    expect(problems).toHaveLength(3);
    expect(problems[2]).toContain('S3 is away; the rest of it was not read');
    expect(asked.length).toBeLessThan(20);
  });

  test('is compared with the image that was current before, where the newest is current', async () => {
    const images = [old, { ...recent, promotedMs: nowMs + 1, previous: 'ami-00000001' }];
    const { node } = await read(usual, { images, parameters: { '/images/redis': 'ami-00000002' } });
    expect(node.difference).toMatchObject({ from: 'ami-00000001', to: 'ami-00000002' });
  });
});
