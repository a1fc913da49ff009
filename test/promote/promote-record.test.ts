import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import {
  type PromoteRecord,
  readPromoteRecord,
  writePromoteRecords,
} from '../../src/promote/promote-record.ts';
import { temporaryFolder } from '../cli/stage-process.ts';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

const record: PromoteRecord = {
  ...{ schema: 1, kind: 'promote', node: 'web', applied: true, image: 'ami-0a', run: 'run-1' },
  regions: [
    {
      ...{ region: 'us-east-1', imageId: 'ami-0a', copied: 'original', previous: 'ami-0b' },
      parameter: { name: '/images/web', version: 3, changed: true },
      launchTemplate: { name: 'web', version: 4, changed: true },
      accounts: ['012345678901'],
    },
    {
      region: 'eu-west-1',
      copied: 'would-make',
      parameter: { name: '/images/web', changed: true },
      accounts: [],
    },
  ],
  problems: ['eu-west-1: denied'],
  notes: [],
};

test('what promote wrote is read back as it was', async () => {
  await writePromoteRecords(folder.path, [record, { ...record, node: 'shop', regions: [] }]);
  expect(await readPromoteRecord(folder.path, 'web')).toEqual(record);
  expect(await readPromoteRecord(folder.path, 'shop')).toMatchObject({ node: 'shop', regions: [] });
});

test.each<[string, string | undefined, RegExp]>([
  ['is not there', undefined, /did not get to its end/],
  ['is cut off', '{"schema":1,', /is not one of promote's/],
  ['is of another schema', JSON.stringify({ ...record, schema: 2 }), /is not one of promote's/],
  ['lacks its regions', JSON.stringify({ ...record, regions: undefined }), /is not one of promote's/],
  ['is of another node', JSON.stringify({ ...record, node: 'db' }), /is of node db/],
])('a record that %s says why there is none', async (_, text, why) => {
  const reports = join(folder.path, String(Math.random()));
  mkdirSync(join(reports, 'web'), { recursive: true });
  if (text !== undefined) writeFileSync(join(reports, 'web/promote.json'), text);
  expect(await readPromoteRecord(reports, 'web')).toEqual({ unknown: expect.stringMatching(why) });
});
