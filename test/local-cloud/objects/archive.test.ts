import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openArchive } from '../../../src/contents/open-archive.ts';
import { sha256 } from '../../../src/lib/hash.ts';
import { stage } from '../../cli/stage-process.ts';
import { contents } from '../../contents/contents-samples.ts';
import { type ApiUnderTest, startApi } from '../services-under-test.ts';

let api: ApiUnderTest;
const before = { ...process.env };
beforeAll(async () => {
  api = await startApi();
  Object.assign(process.env, api.env);
  await api.s3.send(new CreateBucketCommand({ Bucket: 'team' }));
});
afterEach(() => {
  api.order();
});
afterAll(async () => {
  process.env = before;
  await api.stop();
});

const id = 'ami-0a1b2c3d4e5f60718';
const refused = (code: string, status: number) => {
  api.order({ service: 's3', action: '*', error: { code, status, message: 'said so' } });
};

describe('an archive in a bucket', () => {
  test('gives back what it was given, below its prefix', async () => {
    const archive = await openArchive('s3://team/bake/', 'reports');
    expect(archive.name).toBe('s3://team/bake');
    await archive.write('redis', id, 'contents.json', '{"ü": 1}\n');
    expect(await archive.read('redis', id, 'contents.json')).toBe('{"ü": 1}\n');
    const whole = await openArchive('s3://team', 'reports');
    expect(await whole.read('redis', id, 'contents.json')).toBeUndefined();
    expect(Object.keys(api.store.state.buckets?.team?.objects ?? {})).toEqual([
      `/bake/redis/images/${id}/contents.json`,
    ]);
  });

  test('that is not there is said, with what to do', async () => {
    const archive = await openArchive('s3://gone/x', 'reports');
    const failure = {
      exitCode: 4,
      message: 's3://gone/x: there is no bucket gone: make it, or correct --archive',
    };
    await expect(archive.read('redis', id, 'bake.json')).rejects.toMatchObject(failure);
    await expect(archive.write('redis', id, 'bake.json', '{}')).rejects.toMatchObject(failure);
  });

  test.each([
    ['AccessDenied', 403, /^s3:\/\/team: GetObject was denied: .* s3:GetObject, or s3:ListBucket of team where/],
    ['InvalidAccessKeyId', 403, /^s3:\/\/team: GetObject: AWS refuses these credentials/],
    ['AllAccessDisabled', 403, /^s3:\/\/team: S3 fails \(AllAccessDisabled: said so\)$/],
  ])('that refuses with %s is not available', async (code, status, message) => {
    refused(code, status);
    const archive = await openArchive('s3://team', 'reports');
    await expect(archive.read('redis', id, 'bake.json')).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(message),
    });
  }); // prettier-ignore

  test('asks S3 nothing for an image whose name is none', async () => {
    const archive = await openArchive('s3://team', 'reports');
    const calls = api.calls.length;
    await expect(archive.read('..', id, 'bake.json')).rejects.toMatchObject({ exitCode: 2 });
    await expect(archive.write('redis', 'x/../..', 'bake.json', '')).rejects.toMatchObject({ exitCode: 2 });
    expect(api.calls.length).toBe(calls);
  });
});

describe('bakehouse contents, as a process', () => {
  const [older, newer] = ['ami-0aaaaaaaaaaaaaaa1', 'ami-0aaaaaaaaaaaaaaa2'] as const;
  const run = (...args: string[]) => {
    const env = { ...api.env, AWS_REGION: 'us-east-1' };
    return stage('contents', ['--archive', 's3://team/run', ...args], { cwd: api.folder, env });
  };

  beforeAll(async () => {
    writeFileSync(join(api.folder, 'nodes.yaml'), 'redis: {group: g}\nweb: {group: g}\n');
    const archive = await openArchive('s3://team/run', 'reports');
    for (const [index, image] of [older, newer].entries()) {
      const text = JSON.stringify(contents({ image, kernel: `6.1.${index}` }));
      await archive.write('redis', image, 'contents.json', text);
      const tags = {
        'bakehouse:node': 'redis',
        'bakehouse:verified': 'true',
        'bakehouse:contents': sha256(text),
      };
      api.store.change((state) => {
        const [sample] = Object.values(state.images);
        if (sample === undefined) throw new Error('there is no image');
        const { id: ownerId } = state.account;
        state.images[image] = { ...sample, id: image, name: `redis-176722560${index}`, ownerId };
        state.tags[image] = index === 0 ? { ...tags, 'bakehouse:promoted': '2026-01-02T03:04:05Z' } : tags;
      });
    }
  });

  test('compares the newest image of each node with the one in service', async () => {
    const { exitCode, stdout } = await run();
    expect([exitCode, stdout.replace(/ +/g, ' ').split('\n')]).toEqual([
      0,
      [
        'NODE FROM TO WHAT CHANGED',
        `redis ${older} (promoted last) ${newer} (newest) kernel 6.1.0 → 6.1.1`,
        'web: no image in us-east-1: nothing to compare',
      ],
    ]);
  });

  test('compares any two, as they are given', async () => {
    const { exitCode, stdout } = await run('--diff', newer, older);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('kernel 6.1.1 → 6.1.0')]);
  });

  test('ends with 4 where the bucket does not answer, and with 3 where it does not keep an image', async () => {
    const gone = await run('--image', newer, '--archive', 's3://gone');
    expect([gone.exitCode, gone.stderr]).toEqual([2, expect.stringContaining('--archive is given 2 times')]);
    api.order({ service: 's3', action: 'GetObject', error: { code: 'AccessDenied', status: 403 } });
    const denied = await run('--image', newer);
    expect([denied.exitCode, denied.stdout]).toEqual([4, expect.stringContaining('GetObject was denied')]);
    api.order();
    await api.s3.send(
      new DeleteObjectCommand({ Bucket: 'team', Key: `run/redis/images/${newer}/contents.json` }),
    );
    const missing = await run('--image', newer);
    expect([missing.exitCode, missing.stdout]).toEqual([
      3,
      expect.stringContaining('does not keep the contents'),
    ]);
    const unknown = await run('--image', 'ami-0fffffffffffffff9');
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('there is no image')]);
  });
});
