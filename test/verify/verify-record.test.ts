import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { removeEarlier, writeVerdict } from '../../src/verify/verdict-junit.ts';
import type { RunVerdict } from '../../src/verify/verdict.ts';
import { readVerifyRecord, writeVerifyRecords } from '../../src/verify/verify-record.ts';
import { root } from '../cli/stage-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakehouse verify '));
const file = join(folder, 'web', 'verify.json');
beforeEach(() => {
  rmSync(join(folder, 'web'), { recursive: true, force: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const verdict = (verified: boolean): RunVerdict => ({
  node: 'web',
  imageId: 'ami-1',
  run: 'run-1',
  verified,
  problems: verified ? [] : [{ reason: 'no-report', message: 'there is no report of Puppet' }],
  resources: [],
  counts: { unchanged: 0, changed: 0, failed: 0, skipped: 0 },
});

describe('verify.json', () => {
  const about = { schema: 1, node: 'web', run: 'run-1', imageId: 'ami-1' };

  test.each([
    [
      'verified and tagged',
      { verdict: verdict(true), tagged: true, leftovers: [] },
      { verified: true, reasons: [] },
    ],
    [
      'rejected',
      { verdict: verdict(false), tagged: false, leftovers: [] },
      { verified: false, reasons: ['there is no report of Puppet'] },
    ],
    [
      'verified, but not tagged',
      { verdict: verdict(true), tagged: false, unavailable: 'EC2 is away', leftovers: [] },
      { verified: false, reasons: ['EC2 is away'] },
    ],
    [
      'verified and tagged, with servers that still run',
      { verdict: verdict(true), tagged: true, leftovers: ['i-1 (denied)'] },
      { verified: true, reasons: [], leftovers: ['i-1 (denied)'] },
    ],
  ])('%s', async (_, node, expected) => {
    await writeVerifyRecords(folder, [node]);
    expect(await readVerifyRecord(folder, 'web')).toEqual({ ...about, leftovers: [], ...expected });
  });

  test('of November 2026 is read whole', async () => {
    const written = readFileSync(join(root, 'test/verify/fixtures/verify.json'), 'utf8');
    mkdirSync(join(folder, 'redis'));
    writeFileSync(join(folder, 'redis/verify.json'), written);
    expect(await readVerifyRecord(folder, 'redis')).toEqual(JSON.parse(written));
  });

  test.each<[string, string | undefined, string]>([
    ['that is missing', undefined, 'verify did not get to its end'],
    ['that is no JSON', '{"schema": 1', "is not one of verify's"],
    ['without a word of success', JSON.stringify({ ...about, reasons: [] }), "is not one of verify's"],
    [
      'of another node',
      JSON.stringify({ ...about, node: 'db', verified: true, reasons: [] }),
      'is of node db',
    ],
  ])('one %s says nothing of the image', async (_, content, expected) => {
    if (content !== undefined) {
      mkdirSync(join(folder, 'web'));
      writeFileSync(file, content);
    }
    expect(await readVerifyRecord(folder, 'web')).toEqual({
      unknown: expect.stringContaining(expected) as unknown,
    });
  });

  test('one of an earlier verify is gone with its junit.xml when a new one begins, also where there is none', async () => {
    await writeVerifyRecords(folder, [{ verdict: verdict(true), tagged: true, leftovers: [] }]);
    await writeVerdict(folder, verdict(true));
    await removeEarlier(folder, [{ name: 'web' }, { name: 'never-baked' }]);
    expect(readdirSync(join(folder, 'web'))).toEqual([]);
  });

  test('one that cannot be written ends verify with exit code 2', async () => {
    mkdirSync(file, { recursive: true });
    const written = writeVerifyRecords(folder, [{ verdict: verdict(true), tagged: true, leftovers: [] }]);
    await expect(written).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/verify\.json cannot be written \(EISDIR\)/),
    });
  });
});
