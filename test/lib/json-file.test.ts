import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exitCodeOf } from '../../src/lib/errors.ts';
import { orFileError, writeJsonFile, writeWhole } from '../../src/lib/json-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakehouse-json-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('writes data as JSON into a folder that it makes, and leaves no temporary file', async () => {
  await writeJsonFile(join(folder, 'a', 'b.json'), { schema: 1 }, 'advice');
  expect(JSON.parse(readFileSync(join(folder, 'a', 'b.json'), 'utf8'))).toEqual({ schema: 1 });
  expect(readdirSync(join(folder, 'a'))).toEqual(['b.json']);
});

test('says what file, why and what to do when the system refuses, as wrong input', async () => {
  writeFileSync(join(folder, 'file'), '');
  const file = join(folder, 'file', 'b.json');
  const error: unknown = await writeWhole(file, '', 'give another').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: expect.stringMatching(/b\.json cannot be written \(\w+\): give another$/),
  });
  expect(exitCodeOf(error)).toBe(2);
});

test('says that the disk is full, as something that may be over later', async () => {
  const full = async () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' }));
  const error: unknown = await orFileError('x', 'advice', full).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: "x cannot be written (ENOSPC): this computer's disk is full" });
  expect(exitCodeOf(error)).toBe(4);
});

test('leaves an error alone with which the system has nothing to do', async () => {
  const bug = new TypeError('a bug');
  await expect(orFileError('x', 'advice', async () => Promise.reject(bug))).rejects.toBe(bug);
});
