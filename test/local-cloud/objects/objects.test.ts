import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type ApiUnderTest, startApi } from '../services-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
  await api.s3.send(new CreateBucketCommand({ Bucket: 'team' }));
});
afterAll(() => api.stop());

const put = (key: string, body: string | Buffer, more: object = {}) =>
  api.s3.send(new PutObjectCommand({ Bucket: 'team', Key: key, Body: body, ...more }));
const get = async (key: string, s3 = api.s3) => {
  const { Body: body, ContentType: type } = await s3.send(new GetObjectCommand({ Bucket: 'team', Key: key }));
  return [Buffer.from((await body?.transformToByteArray()) ?? []).toString('latin1'), type];
};
const list = async (given: object) => {
  const found = await api.s3.send(new ListObjectsV2Command({ Bucket: 'team', ...given }));
  return {
    keys: found.Contents?.map(({ Key: key }) => key),
    folders: found.CommonPrefixes?.map(({ Prefix: prefix }) => prefix),
    next: found.NextContinuationToken,
  };
};

describe('S3 of the local cloud, by the SDK', () => {
  test.each([
    ['text', 'a/b.json', '{"ü":1}'],
    ['any bytes', 'bytes', Buffer.from([0, 255, 10, 128])],
    ['nothing', 'empty', Buffer.alloc(0)],
    ['a key with every kind of sign', "ä b/+?&%#'()*!~$:@,;=[]\\", 'x'],
    ['a key of JavaScript', '__proto__', 'x'],
  ])('gives back %s', async (_, key, body) => {
    await put(key, body, { ContentType: 'text/x' });
    expect(await get(key)).toEqual([Buffer.from(body).toString('latin1'), 'text/x']);
    const head = await api.s3.send(new HeadObjectCommand({ Bucket: 'team', Key: key }));
    expect(head).toMatchObject({ ContentLength: Buffer.byteLength(body), ContentType: 'text/x' });
  });

  test('writes over an object, deletes one, and keeps no bytes that nobody uses', async () => {
    await put('twice', 'one');
    await put('same', 'one');
    await put('twice', 'two');
    expect(await get('twice')).toEqual(['two', 'application/octet-stream']);
    const files = () => readdirSync(join(api.folder, 'objects')).length;
    const before = files();
    for (const key of ['twice', 'same', 'same'])
      await api.s3.send(new DeleteObjectCommand({ Bucket: 'team', Key: key }));
    expect(before - files()).toBe(2);
    await expect(get('twice')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(api.s3.send(new HeadObjectCommand({ Bucket: 'team', Key: 'twice' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('lists by prefix, by folder and in pages', async () => {
    for (const key of ['l/a/1', 'l/a/2', 'l/b', 'l/c/1', 'l/é <&>']) await put(key, 'x');
    expect(await list({ Prefix: 'l/', Delimiter: '/' })).toMatchObject({
      keys: ['l/b', 'l/é <&>'],
      folders: ['l/a/', 'l/c/'],
    });
    const first = await list({ Prefix: 'l/', MaxKeys: 2 });
    expect(first.keys).toEqual(['l/a/1', 'l/a/2']);
    const rest = await list({ Prefix: 'l/', ContinuationToken: first.next });
    expect(rest).toEqual({ keys: ['l/b', 'l/c/1', 'l/é <&>'], folders: undefined, next: undefined });
    expect((await list({ Prefix: 'l/', StartAfter: 'l/b' })).keys).toEqual(['l/c/1', 'l/é <&>']);
  });

  test.each([
    ['a bucket that is there', new CreateBucketCommand({ Bucket: 'team' }), 'BucketAlreadyOwnedByYou'],
    ['a bucket of a wrong name', new CreateBucketCommand({ Bucket: 'Team_x' }), 'InvalidBucketName'],
    ['a bucket that is not', new GetObjectCommand({ Bucket: 'gone', Key: 'a' }), 'NoSuchBucket'],
    ['a call that it does not have', new ListBucketsCommand({}), 'NotImplemented'],
    ['a range', new GetObjectCommand({ Bucket: 'team', Key: 'bytes', Range: 'bytes=0-1' }), 'NotImplemented'],
    [
      'metadata',
      new PutObjectCommand({ Bucket: 'team', Key: 'a', Body: 'x', Metadata: { a: 'b' } }),
      'NotImplemented',
    ],
    [
      'a checksum of other bytes',
      new PutObjectCommand({ Bucket: 'team', Key: 'a', Body: 'x', ChecksumCRC32: 'AAAAAA==' }),
      'BadDigest',
    ],
  ])('refuses %s', async (_, command, name) => {
    // Of any of its commands: send() has an overload for each.
    const send = (one: unknown) => api.s3.send(one as GetObjectCommand);
    await expect(send(command)).rejects.toMatchObject({ name });
  });

  test('refuses keys that may not, and that it does not know', async () => {
    const config = (profile: 'default' | 'readonly', changes: object = {}) =>
      new S3Client({ ...api.config(profile), forcePathStyle: true, ...changes });
    await put('a', 'x');
    expect((await get('a', config('readonly')))[0]).toBe('x');
    const write = new PutObjectCommand({ Bucket: 'team', Key: 'a', Body: 'y' });
    await expect(config('readonly').send(write)).rejects.toMatchObject({ name: 'AccessDenied' });
    const credentials = { accessKeyId: api.config('default').credentials.accessKeyId, secretAccessKey: 'no' };
    await expect(config('default', { credentials }).send(write)).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });

  test('fails as it was ordered to', async () => {
    api.order({ service: 's3', action: 'PutObject', error: { code: 'SlowDown', status: 503 } });
    await expect(put('a', 'x')).rejects.toMatchObject({ name: 'SlowDown' });
    api.order();
  });
});

test('Debian’s awscli makes a bucket, copies to it and from it, lists and deletes', async () => {
  const aws = async (...args: string[]) => {
    const options = { env: api.env, extendEnv: false, reject: false, stdin: 'ignore' } as const;
    const { stdout, stderr } = await execa('/usr/bin/aws', ['s3', ...args], options);
    return stdout + stderr;
  };
  const file = join(api.folder, 'up.json');
  writeFileSync(file, '{"a": 1}');
  expect(await aws('mb', 's3://cli')).toBe('make_bucket: cli');
  expect(await aws('cp', file, 's3://cli/redis/up.json')).toContain('upload:');
  expect(await aws('ls', 's3://cli/')).toContain('PRE redis/');
  expect(await aws('ls', 's3://cli/redis/')).toMatch(/ 8 up\.json$/);
  expect(await aws('cp', 's3://cli/redis/up.json', '-')).toBe('{"a": 1}');
  expect(await aws('rm', 's3://cli/redis/up.json')).toContain('delete:');
  expect(await aws('cp', 's3://cli/redis/up.json', '-')).toContain('404');
});
