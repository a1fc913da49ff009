import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openArchive } from '../../../src/contents/open-archive.ts';
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
