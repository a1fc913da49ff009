import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { contentsCommand } from '../../src/contents.ts';
import { comparedImages } from '../../src/contents/compared-images.ts';
import { contents as runContents } from '../../src/contents/contents.ts';
import { listResult } from '../../src/contents/contents-result.ts';
import { keptContents } from '../../src/contents/kept-contents.ts';
import { openArchive } from '../../src/contents/open-archive.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { tableText } from '../../src/cli/table.ts';
import { stageHere } from '../cli/stage-here.ts';
import { contents } from './contents-samples.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bakehouse-contents-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (path: string, data: unknown) => {
  const file = join(folder, path);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return sha256(text);
};
const run = (...args: string[]) => stageHere(contentsCommand.flags, runContents, args, folder);

describe('bakehouse contents', () => {
  const curl = { name: 'curl', version: '7.88', architecture: 'amd64' };

  test('compares two files without asking EC2', async () => {
    await put('old.json', contents({ image: 'ami-1', packages: [] }));
    await put('new.json', contents({ image: 'ami-2', packages: [curl] }));
    const { exitCode, stdout } = await run('--diff', 'old.json', 'new.json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      {
        schema: 1,
        comparisons: [
          expect.objectContaining({
            from: { name: 'old.json' },
            to: { name: 'new.json' },
            lines: ['+ package curl 7.88'],
            diff: expect.objectContaining({ from: 'ami-1', to: 'ami-2' }),
          }),
        ],
        notes: [],
      },
    ]);
    expect((await run('--diff', 'old.json', '--diff', 'new.json')).stdout).toBe(stdout);
  });

  test('lists what is in a file', async () => {
    await put('contents.json', contents());
    const { exitCode, stdout } = await run('--image', 'contents.json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { schema: 1, contents: contents() }]);
  });

  test.each([
    [['--diff', 'a'], '--diff needs two values, and is given 1: --diff AMI AMI'],
    [['--diff', 'a', 'b', 'c'], "'c' is not a flag"],
    [['--diff', 'a', 'b', '--diff', 'c'], 'is given 3'],
    [['--diff', 'a', 'b', '--image', 'c'], '--diff and --image exclude each other'],
    [['--image', 'a', '--node', 'b'], '--image and --node exclude each other'],
    [['--image', 'none.json'], 'none.json does not exist: give the id of an image, or a file contents.json'],
    [['--image', 'bad.json'], 'bad.json is no list of contents of schema 1: give a contents.json'],
    [['--image', 'bad.json', '--archive', 's3://'], 'it names no bucket'],
  ])('refuses %j in a sentence', async (args, sentence) => {
    await put('bad.json', '{}');
    const { exitCode, stderr } = await run(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });
});

describe('the kept contents of an image', () => {
  const image = { id: 'ami-0a', node: 'redis', run: 'run-7', contents: undefined, copiedFrom: undefined };
  const kept = async (changes: object) =>
    keptContents(await openArchive(folder, 'reports'), { ...image, ...changes });

  test("are those whose SHA-256 is the image's tag", async () => {
    const digest = await put('redis/images/ami-0a/contents.json', contents());
    expect(await kept({ contents: digest })).toEqual(contents());
    expect(await kept({ contents: 'f'.repeat(64) })).toEqual({
      unknown: expect.stringContaining('does not count: its SHA-256 is not the one that ami-0a has'),
    });
  });

  test("are its original's for a copy", async () => {
    const digest = await put('redis/images/ami-0123456789abcdef0/contents.json', contents());
    const copy = { contents: digest, copiedFrom: 'us-east-1/ami-0123456789abcdef0' };
    expect(await kept(copy)).toEqual(contents());
  });

  test.each([
    ['without a tag', {}, /the bake of ami-0a did not list its contents/],
    [
      'without a file',
      { contents: 'a' },
      /does not keep the contents of ami-0a: .* run run-7, which made it/,
    ],
    [
      'with a node tag that leads elsewhere',
      { contents: 'a', node: '../x' },
      /no archive keeps files of node/,
    ],
  ])('are unknown %s', async (_, changes, sentence) => {
    expect(await kept(changes)).toEqual({ unknown: expect.stringMatching(sentence) });
  });

  test('are unknown for now where the archive does not answer', async () => {
    await put('redis', 'a file');
    expect(await kept({ contents: 'a' })).toEqual({
      unknown: expect.stringContaining('cannot be read (ENOTDIR)'),
      unavailable: true,
    });
  });
});

describe('what an image is compared with', () => {
  const image = (id: string, bakedMs: number, changes: object = {}) => ({
    ...{ id, node: 'redis', notOurs: undefined, state: 'available', verified: true, rejected: false },
    ...{ revoked: undefined, bakedMs, createdMs: bakedMs, promotedMs: undefined, previous: undefined },
    ...changes,
  });
  const chosen = (...images: ReturnType<typeof image>[]) => {
    const found = comparedImages('redis', images);
    return found && [found.newest.id, found.base?.image.id, found.base?.is, found.inService];
  };

  test.each([
    ['no image', [], undefined],
    ['one image', [image('a', 1)], ['a', undefined, undefined, false]],
    [
      'an older one in service',
      [image('a', 1, { promotedMs: 9 }), image('b', 2), image('c', 3, { verified: false })],
      ['c', 'a', 'promoted last', false],
    ],
    [
      'the newest in service',
      [image('a', 1, { promotedMs: 5 }), image('b', 2), image('c', 3, { promotedMs: 9, previous: 'a' })],
      ['c', 'a', 'promoted before', true],
    ],
    [
      'nothing in service',
      [image('a', 1), image('b', 2, { rejected: true }), image('c', 3)],
      ['c', 'a', 'verified before', false],
    ],
    [
      'a rollback',
      [image('a', 1, { promotedMs: 9 }), image('b', 2, { promotedMs: 5, previous: 'a' })],
      ['b', 'a', 'promoted last', false],
    ],
    [
      'revoked, foreign and disabled ones',
      [
        image('a', 1, { promotedMs: 4 }),
        image('b', 2, { promotedMs: 9, revoked: 'why' }),
        image('c', 3, { notOurs: { kind: 'no-node' } }),
        image('d', 4, { state: 'disabled' }),
        image('e', 5, { node: 'web' }),
        image('f', 6),
      ],
      ['f', 'a', 'promoted last', false],
    ],
  ])('is chosen for %s', (_, images, expected) => {
    expect(chosen(...images)).toEqual(expected);
  });
});

test('the list of an image shows hostile names as text', async () => {
  const packages = [{ name: '<script>\u001b[2J', version: '1\n2', architecture: 'amd64' }];
  const { table } = listResult('ami-0a', contents({ packages }));
  expect(await tableText(table)).toContain('package       <script>\\u001b[2J    1 2');
});
