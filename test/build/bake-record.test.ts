import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bakeOfThisRun, readBakeRecord } from '../../src/build/bake-record.ts';
import { root } from '../cli/stage-process.ts';

const reports = mkdtempSync(join(tmpdir(), 'bakehouse-record-'));

beforeAll(() => {
  mkdirSync(join(reports, 'redis'));
  const record = {
    schema: 1, node: 'redis', run: 'jenkins-bake-7', status: 'baked', imageName: 'redis-7', imageId: 'ami-1',
    region: 'us-east-1', commit: 'x', startedAt: '2026-01-01T00:00:00Z',
    process: { host: 'a', pid: 1, startTicks: 1 }, packerVersion: '1.6.6', leftovers: [],
  }; // prettier-ignore
  writeFileSync(join(reports, 'redis/bake.json'), JSON.stringify(record));
});
afterAll(() => {
  rmSync(reports, { recursive: true });
});

test.each([{}, { BUILD_TAG: '' }, { BUILD_TAG: 'jenkins-bake-7' }, { BUILD_TAG: 'jenkins/bake 7' }])(
  'a bake of this run is judged: %j',
  async (environment) => {
    const bake = await bakeOfThisRun(reports, 'redis', environment);
    expect(bake).toMatchObject({ imageId: 'ami-1' });
  },
);

test("the bake of another build proves nothing, since this one's never began", async () => {
  const bake = await bakeOfThisRun(reports, 'redis', { BUILD_TAG: 'jenkins-bake-8' });
  expect(bake).toEqual({
    unknown: expect.stringContaining('of run jenkins-bake-7, not of this one (jenkins-bake-8)'),
  });
});

test('a bake.json of November 2026 is read whole', async () => {
  const written = readFileSync(join(root, 'test/build/fixtures/bake.json'), 'utf8');
  writeFileSync(join(reports, 'redis/bake.json'), written);
  expect(await readBakeRecord(reports, 'redis')).toEqual(JSON.parse(written));
});

test('no bake at all is said with what to do', async () => {
  expect(await bakeOfThisRun(reports, 'web', {})).toEqual({
    unknown: expect.stringContaining('run build first'),
  });
});
