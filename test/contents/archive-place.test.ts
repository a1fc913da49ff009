import { describe, expect, test } from '@jest/globals';
import { archivedPath, archivePlace, placeName } from '../../src/contents/archive-place.ts';
import { fc, runs } from '../runs.ts';

describe('the place of an archive', () => {
  test.each([
    [undefined, 'reports'],
    ['/var/lib/images', '/var/lib/images'],
    ['a:b', 'a:b'],
    ['s3://team-images', 's3://team-images'],
    ['s3://team-images/', 's3://team-images'],
    ['s3://team.images/bakehouse/eu/', 's3://team.images/bakehouse/eu'],
  ])('is taken of %j', (where, name) => {
    expect(placeName(archivePlace(where, 'reports'))).toBe(name);
  });

  test.each([
    [' ', 'it is empty'],
    ['a\nb', 'signs that cannot be seen'],
    ['s3:/team-images', 'it must begin with s3://'],
    ['s3:team-images', 'it must begin with s3://'],
    ['S3://team-images', 'it must begin with s3://'],
    ['https://team-images.s3.amazonaws.com/', 'https:// is not known'],
    ['file:///tmp/x', 'file:/// is not known'],
    ['s3://', 'it names no bucket'],
    ['s3:///prefix', 'it names no bucket'],
    ['s3://Team_Images', '"Team_Images" is no name of a bucket'],
    ['s3://a..b', '"a..b" is no name of a bucket'],
    ['s3://team-images/../other', 'a part of its prefix'],
    ['s3://team-images//x', 'a part of its prefix'],
    [`s3://team-images/${'x'.repeat(851)}`, 'longer than 850'],
  ])('is refused of %j', (where, why) => {
    expect(() => archivePlace(where, 'reports')).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(why) }),
    );
  });

  test('is never a bucket that S3 cannot have, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          const place = archivePlace(`s3://${text}`, 'reports');
          expect(place.kind === 'bucket' && /^[a-z0-9.-]{3,63}$/.test(place.bucket)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ exitCode: 2 });
        }
      }),
      runs(1000),
    );
  });
});

describe('the path of a file in an archive', () => {
  test('names the node, the image and the file', () => {
    expect(archivedPath('redis', 'ami-0a1b', 'bake.json')).toBe('redis/images/ami-0a1b/bake.json');
  });

  test.each([
    ['..', 'ami-0a'],
    ['a/b', 'ami-0a'],
    ['', 'ami-0a'],
    ['redis', '../../etc'],
    ['redis', 'ami-0a/../..'],
    ['redis', 'ami-0a\n'],
    ['redis', ''],
  ])('is refused for node %j and image %j', (node, image) => {
    expect(() => archivedPath(node, image, 'bake.json')).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
