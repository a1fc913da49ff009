import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bakeNode } from '../../src/build/bake-node.ts';
import { ReportsFolder } from '../../src/build/reports-folder.ts';
import type { Archive } from '../../src/contents/archive.ts';
import { sha256 } from '../../src/lib/hash.ts';
import type { Node } from '../../src/nodes/node.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { listing } from '../contents/listing.ts';
import { artifact, depsOf, instance, runOf } from './bake-deps.ts';

let reports = '';
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'contents '));
});
afterEach(() => {
  rmSync(reports, { recursive: true });
});

const [redis] = parseNodes('redis: {group: redis}').nodes as [Node];
const text = (file: string) => readFileSync(join(reports, 'redis', file), 'utf8');

/** A bake whose Packer fetches this list; undefined: none. */
async function bake(listed: string | undefined, over: { archive?: Archive; denied?: boolean } = {}) {
  const said: string[] = [];
  const kept = new Map<string, string>();
  const archive = over.archive ?? {
    name: 'the archive',
    read: () => Promise.resolve(undefined),
    write: (node, image, file, content) => {
      kept.set(`${node}/${image}/${file}`, content);
      return Promise.resolve();
    },
  };
  const { deps, done, runs } = depsOf([instance, artifact], 0, {
    archive,
    progress: { say: (_, line) => said.push(line) },
    ...(over.denied === true && {
      account: { tagContents: () => Promise.reject(new Error('ec2:CreateTags was denied')) },
    }),
  });
  const packer = deps.runPacker;
  const folder = new ReportsFolder(reports, 'redis');
  const { record } = await bakeNode(redis, runOf(), folder, {
    ...deps,
    runPacker: async (run) => {
      if (listed !== undefined) writeFileSync(join(folder.path, 'contents.txt'), listed);
      return packer(run);
    },
  });
  return { record, said, kept, done, runs };
}

describe('the contents of a baked image', () => {
  test('are written, tagged on the image by their digest, and given to the archive with the record', async () => {
    const { record, said, kept, done } = await bake(listing());
    const digest = sha256(text('contents.json'));
    expect(record).toMatchObject({ status: 'baked', contents: digest });
    expect(done).toContain(`contents of ami-0a ${digest.slice(0, 4)}`);
    expect(said).toEqual([]);
    expect([...kept.keys()].sort()).toEqual(
      ['bake.json', 'contents.json', 'sbom.cdx.json'].map((file) => `redis/ami-0a/${file}`),
    );
    for (const file of ['bake.json', 'contents.json', 'sbom.cdx.json'])
      expect(kept.get(`redis/ami-0a/${file}`)).toBe(text(file));
    expect(readdirSync(join(reports, 'redis'))).not.toContain('contents.txt');
  });

  test('that no pack fetches are none, without a word: a team may have its own template', async () => {
    const { record, said, kept } = await bake(undefined);
    expect(record).toMatchObject({ status: 'baked' });
    expect(record).not.toHaveProperty('contents');
    expect(said).toEqual([]);
    expect([...kept.keys()]).toEqual(['redis/ami-0a/bake.json']);
  });

  test.each<[string, string | undefined, RegExp]>([
    ['that the machine did not list', '', /is not known: the machine has not listed/],
    ['of which a part is missing', listing({ ports: undefined }), /could not be listed: ports$/],
  ])('%s fail no bake, and are said', async (_, listed, expected) => {
    const { record, said } = await bake(listed);
    expect(record.status).toBe('baked');
    expect(said).toEqual([expect.stringMatching(expected)]);
  });

  test('whose tag is denied are not given to the archive, where they would not count', async () => {
    const { record, said, kept } = await bake(listing(), { denied: true });
    expect(record).toMatchObject({ status: 'baked' });
    expect(record).not.toHaveProperty('contents');
    expect(said).toEqual(['warning: what is in ami-0a is not kept: ec2:CreateTags was denied']);
    expect([...kept.keys()]).toEqual(['redis/ami-0a/bake.json']);
  });

  test('that the archive refuses fail no bake, and their digest is known all the same', async () => {
    const archive: Archive = {
      name: 's3://bucket',
      read: () => Promise.resolve(undefined),
      write: () => Promise.reject(new Error('there is no bucket')),
    };
    const { record, said } = await bake(listing(), { archive });
    expect(record).toMatchObject({ status: 'baked', contents: sha256(text('contents.json')) });
    expect(said).toEqual(
      ['contents.json', 'sbom.cdx.json', 'bake.json'].map(
        (file) => `warning: s3://bucket does not keep ${file} of ami-0a: there is no bucket`,
      ),
    );
  });

  test('of the bake before are gone when the next one fails', async () => {
    await bake(listing());
    mkdirSync(join(reports, 'redis/images/ami-0a'), { recursive: true });
    const { deps } = depsOf([], 1);
    await bakeNode(redis, runOf(), new ReportsFolder(reports, 'redis'), deps);
    const left = readdirSync(join(reports, 'redis'));
    expect(left).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(contents|sbom)/)]));
    expect(left).toContain('images');
  });
});

test('the record of a bake says how long each phase took', async () => {
  const lines = [
    '1,amazon-ebs,ui,say,==> amazon-ebs: Launching a source AWS instance...',
    '1,amazon-ebs,ui,say,==> amazon-ebs: Stopping the source instance...',
    artifact,
  ];
  let seconds = 0;
  const { deps } = depsOf(lines, 0, { now: () => new Date(1_767_323_045_000 + seconds++ * 1000) });
  const { record } = await bakeNode(redis, runOf(), new ReportsFolder(reports, 'redis'), deps);
  expect(record.phases).toEqual([
    { phase: 'starting Packer', seconds: 1 },
    { phase: 'launching a machine', seconds: 1 },
    { phase: 'stopping the machine', seconds: 1 },
  ]);
});
