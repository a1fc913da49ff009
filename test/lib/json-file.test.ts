import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { exitCodeOf } from '../../src/lib/errors.ts';
import { testAsRoot } from '../as-root.ts';
import { root } from '../cli/stage-process.ts';
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

testAsRoot(
  'a file that does not fit on the disk is not there afterwards, and an earlier one stays as it was',
  async () => {
    const program = `
    import { writeFileSync } from 'node:fs';
    import { writeWhole } from ${JSON.stringify(join(root, 'src/lib/json-file.ts'))};
    const write = (length) => writeWhole(process.argv[1], 'x'.repeat(length), 'advice').catch(({ message }) => message);
    process.stdout.write(JSON.stringify([await write(20_000), await write(10), await write(20_000)]));`;
    // In a mount namespace of its own, so that no mount outlives it.
    const script =
      'mount -t tmpfs -o size=12k full "$1" && node --import tsx --input-type=module -e "$2" "$1/file" && ls "$1" && cat "$1/file"';
    const { stdout } = await execa('unshare', ['--mount', 'sh', '-c', script, 'sh', folder, program], {
      cwd: root,
    });
    const full = expect.stringMatching(/file cannot be written \(ENOSPC\): this computer's disk is full$/);
    const [said = '', ...rest] = stdout.split(']', 2);
    expect(JSON.parse(`${said}]`)).toEqual([full, null, full]);
    expect(rest.join('')).toBe('file\nxxxxxxxxxx');
  },
);

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
