import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { assertThere, openArchive } from '../../src/contents/open-archive.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bakehouse-archive-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('an archive in a folder', () => {
  test('gives back what it was given, and makes its folders', async () => {
    const archive = await openArchive(join(folder, 'new'), 'reports');
    await archive.write('redis', 'ami-0a', 'contents.json', 'text');
    expect(await archive.read('redis', 'ami-0a', 'contents.json')).toBe('text');
    expect(await readFile(join(folder, 'new/redis/images/ami-0a/contents.json'), 'utf8')).toBe('text');
  });

  test('is the folder of the reports when none is named', async () => {
    expect((await openArchive(undefined, folder)).name).toBe(folder);
  });

  test('has nothing of an image that it does not keep', async () => {
    expect(await (await openArchive(folder, 'reports')).read('redis', 'ami-0a', 'bake.json')).toBeUndefined();
  });

  test('is refused where a file has its name', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openArchive(join(folder, 'file'), 'reports')).rejects.toMatchObject({ exitCode: 2 });
  });

  test('says which file it cannot read or write', async () => {
    const archive = await openArchive(folder, 'reports');
    await writeFile(join(folder, 'redis'), '');
    await expect(archive.read('redis', 'ami-0a', 'bake.json')).rejects.toThrow(
      /bake\.json cannot be read \(ENOTDIR\)/,
    );
    await expect(archive.write('redis', 'ami-0a', 'bake.json', '')).rejects.toThrow(/cannot be written/);
  });

  test('reaches nothing outside of it, whatever an image is called', async () => {
    const archive = await openArchive(folder, 'reports');
    await expect(archive.read('..', 'ami-0a', 'bake.json')).rejects.toMatchObject({ exitCode: 2 });
    await expect(archive.write('redis', '../..', 'bake.json', '')).rejects.toMatchObject({ exitCode: 2 });
  });
});

test('a folder that was named and is not there is a mistake of who only reads', async () => {
  await expect(assertThere(join(folder, 'typo'), 'reports')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/typo: there is no such folder/),
  });
  for (const where of [folder, undefined, 's3://bucket']) await assertThere(where, join(folder, 'none'));
});
