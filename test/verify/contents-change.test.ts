import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import type { Image } from '../../src/aws/images.ts';
import { openArchive } from '../../src/contents/open-archive.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { keepVerifyRecords, withContentsChanges } from '../../src/verify/contents-change.ts';
import type { RunVerdict } from '../../src/verify/verdict.ts';
import { verifyRecordOf } from '../../src/verify/verify-record.ts';
import { imageOfNode } from '../aws/fixtures.ts';
import { contents } from '../contents/contents-samples.ts';

let reports: string;
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'bakehouse-change-'));
});
afterEach(() => {
  rmSync(reports, { recursive: true });
});

const verdict: RunVerdict = {
  node: 'redis',
  imageId: 'ami-02',
  run: 'run-2',
  verified: true,
  problems: [],
  resources: [
    {
      resource: 'File[/etc/motd]',
      containedIn: ['Stage[main]'],
      result: 'changed',
      seconds: 0.5,
      file: '/tmp/x/environments/production/manifests/site.pp',
      line: 3,
      messages: [],
      log: ['notice: content changed', 'x'.repeat(400), 'c', 'd', 'e', 'f'],
    },
    { resource: 'Package[redis]', containedIn: [], result: 'unchanged', seconds: 2, messages: [] },
  ],
  counts: { unchanged: 1, changed: 1, failed: 0, skipped: 0 },
};
const verified = { verdict, tagged: true, leftovers: [] };

const keep = (id: string, changes: object): string => {
  const text = JSON.stringify(contents({ image: id, ...changes }));
  const folder = join(reports, 'redis/images', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'contents.json'), text);
  writeFileSync(join(reports, 'redis/contents.json'), text);
  return sha256(text);
};
const made = (id: string, changes: Partial<Image>): Image =>
  imageOfNode('redis', { id, verified: true, ...changes });
const changeOf = async (...images: Image[]) => {
  const archive = await openArchive(undefined, reports);
  const [one] = await withContentsChanges([verified], {
    reports,
    archive,
    imagesOf: () => Promise.resolve(images),
  });
  return one?.verdict.contents;
};

describe('what changed in a verified image', () => {
  test('is said against the one in service, in the verdict and in junit.xml', async () => {
    const before = made('ami-01', { contents: keep('ami-01', { kernel: '5' }), promotedMs: 1 });
    const now = made('ami-02', { contents: keep('ami-02', { kernel: '<6>' }) });
    expect(await changeOf(now, before)).toEqual({
      against: 'ami-01 (promoted last)',
      lines: ['kernel 5 → <6>'],
      summary: 'another kernel',
    });
    expect(readFileSync(join(reports, 'redis/junit.xml'), 'utf8')).toMatch(
      /<testcase classname="redis.Image" name="contents">\s*<system-out>contents against ami-01 \(promoted last\):\nkernel 5 → &lt;6&gt;<\/system-out>/,
    );
  });

  test('is not known where the one before has no contents, and that is said', async () => {
    const now = made('ami-02', { contents: keep('ami-02', {}) });
    expect(await changeOf(now, made('ami-01', { promotedMs: 1 }))).toEqual({
      against: 'ami-01 (promoted last)',
      lines: [],
      notCompared: expect.stringContaining('did not list its contents'),
    });
    expect(await changeOf(now)).toEqual({ lines: [], notCompared: 'no image of redis is before it' });
  });

  test('is not asked for where the bake listed no contents', async () => {
    const archive = await openArchive(undefined, reports);
    const imagesOf = () => Promise.reject(new Error('nobody asks'));
    expect(await withContentsChanges([verified], { reports, archive, imagesOf })).toEqual([verified]);
    expect(existsSync(join(reports, 'redis/junit.xml'))).toBe(false);
  });

  test('changes no verdict where EC2 does not answer', async () => {
    keep('ami-02', {});
    const archive = await openArchive(undefined, reports);
    const imagesOf = () => Promise.reject(new CloudError('denied', 'it was denied', undefined));
    const [one] = await withContentsChanges([verified], { reports, archive, imagesOf });
    expect(one).toEqual({
      ...verified,
      verdict: { ...verdict, contents: { lines: [], notCompared: 'it was denied' } },
    });
  });
});

describe('the record of verify', () => {
  test("has Puppet's changes and slowest resources, cut and with their place", () => {
    const { puppet } = verifyRecordOf(verified);
    const motd = {
      ...{ resource: 'File[/etc/motd]', file: 'manifests/site.pp', line: 3 },
      messages: ['notice: content changed', expect.stringMatching(/^x{140,} … x{140,}$/), 'c', 'd', 'e'],
    };
    expect(puppet).toEqual({
      ...verdict.counts,
      changes: [motd],
      slowest: [
        { resource: 'Package[redis]', messages: [], seconds: 2 },
        { ...motd, seconds: 0.5 },
      ],
    });
  });

  test('is kept in the archive beside the image', async () => {
    const lines: string[] = [];
    await keepVerifyRecords(await openArchive(reports, 'x'), [verified], (line) => lines.push(line));
    const kept = readFileSync(join(reports, 'redis/images/ami-02/verify.json'), 'utf8');
    expect([JSON.parse(kept), lines]).toEqual([verifyRecordOf(verified), []]);
  });

  test('that cannot be kept is one warning for all nodes', async () => {
    const lines: string[] = [];
    const write = () => Promise.reject(new CloudError('denied', 'it was denied', undefined));
    const archive = { name: 's3://b', read: () => Promise.resolve(undefined), write };
    const web = { ...verified, verdict: { ...verdict, node: 'web' } };
    await keepVerifyRecords(archive, [verified, web], (line) => lines.push(line));
    expect(lines).toEqual(['warning: verify.json of redis, web is not kept in s3://b: it was denied']);
  });
});
