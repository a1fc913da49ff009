import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pagesOf } from '../../src/report/pages.ts';
import { writeSite } from '../../src/report/write-site.ts';
import { temporaryFolder } from '../cli/stage-process.ts';
import { exampleOverview } from './example-overview.ts';

let folder: ReturnType<typeof temporaryFolder>;
let site: string;
const two = pagesOf(exampleOverview(2, 1));
const one = pagesOf(exampleOverview(1, 1));

beforeEach(() => {
  folder = temporaryFolder();
  site = join(folder.path, 'site');
});
afterEach(() => {
  folder.remove();
});

test('a page of a node that is no more goes, and only that', async () => {
  await writeSite(site, two);
  const page = readFileSync(join(site, 'cache.html'), 'utf8');
  writeFileSync(join(site, 'copy.html'), page);
  writeFileSync(join(site, 'own.html'), '<p>a page of somebody</p>');
  writeFileSync(join(site, 'cache.html.bak'), page);
  mkdirSync(join(site, 'folder.html'));
  expect(await writeSite(site, one)).toEqual(['cache.html']);
  expect(readdirSync(site).sort()).toEqual(
    ['app.html', 'cache.html.bak', 'copy.html', 'folder.html', 'index.html', 'own.html', 'style.css'].sort(),
  );
});

test('pages of other nodes stay where only some were asked for', async () => {
  await writeSite(site, two);
  expect(await writeSite(site, one, { keepsOthers: true })).toEqual([]);
  expect(existsSync(join(site, 'cache.html'))).toBe(true);
  expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(two.get('index.html'));
});

test('where the pages of only some nodes are the first ones, they have an index all the same', async () => {
  await writeSite(site, one, { keepsOthers: true });
  expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(one.get('index.html'));
});

test.each(['index.html', 'style.css'])(
  '%s of somebody else is not replaced, and nothing is written',
  async (name) => {
    mkdirSync(site);
    writeFileSync(join(site, name), 'mine');
    await expect(writeSite(site, two)).rejects.toMatchObject({
      exitCode: 2,
      message: `${join(site, name)} was not written by report: name another folder with --out, or move the file away`,
    });
    expect(readdirSync(site)).toEqual([name]);
  },
);

test('a link under the name of a page is in the way: what it leads to stays', async () => {
  await writeSite(site, one);
  const target = join(folder.path, 'target.html');
  writeFileSync(target, 'mine');
  symlinkSync(target, join(site, 'cache.html'));
  await expect(writeSite(site, two)).rejects.toMatchObject({ exitCode: 2 });
  expect(readFileSync(target, 'utf8')).toBe('mine');
});

test('a folder that cannot be written is said with what to do', async () => {
  writeFileSync(site, 'a file');
  await expect(writeSite(site, one)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('--out'),
  });
});
