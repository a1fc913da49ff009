import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { sshSession } from '../../src/verify/boot/ssh-session.ts';
import { heldKey, newSshKey } from '../../src/aws/ssh-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'ssh key '));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What OpenSSH itself reads out of a private key. */
const publicOf = (file: string) => {
  const { status, stdout, stderr } = spawnSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : stderr;
};

test.each(['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'bakehouse-proof'])(
  "OpenSSH reads a new key whose comment is '%s'",
  (comment) => {
    const { publicKey, privateKey } = newSshKey(comment);
    const file = join(folder, 'key');
    rmSync(file, { force: true });
    writeFileSync(file, privateKey, { mode: 0o600 });
    expect(publicOf(file)).toBe(publicKey.trim());
  },
);

test('a held key is read by OpenSSH from a process of ours, and no more once it is forgotten', async () => {
  const before = readdirSync(tmpdir());
  const key = await heldKey('proof');
  expect(readdirSync(tmpdir()).filter((name) => !before.includes(name) && name.includes('proof'))).toEqual(
    [],
  );
  expect(publicOf(key.keyFile)).toBe(key.publicKey);
  await key.forget();
  expect(publicOf(key.keyFile)).not.toContain('ssh-ed25519');
});

test('a process that was killed leaves nothing of a key that it held', async () => {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const file = new URL('../../src/aws/ssh-key.ts', import.meta.url).pathname;
  const hold = `import(${JSON.stringify(file)}).then(async ({ heldKey }) => {
    console.log((await heldKey('proof')).keyFile);
    setInterval(() => undefined, 1000);
  })`;
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', hold], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(holder.stdout, 'data')) as [Buffer];
  const keyFile = line.toString().trim();
  expect(publicOf(keyFile)).toMatch(/^ssh-ed25519 /);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(publicOf(keyFile)).not.toContain('ssh-ed25519');
  expect(readdirSync(temporary).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
});

test('a computer without ssh is not the fault of the server: exit code 4', async () => {
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    const login = { host: '127.0.0.1', user: 'admin', port: 1, keyFile: '/dev/null' };
    const run = sshSession(login, new AbortController().signal).run('true', [], 1_000);
    await expect(run).rejects.toMatchObject({ exitCode: 4 });
  } finally {
    process.env.PATH = PATH;
  }
});
