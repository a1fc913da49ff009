import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CertificateFlags, certificateCleaner } from '../../../src/puppet/ca/certificates.ts';
import { temporaryFolder } from '../../cli/stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

const at = (name: string) => join(folder.path, name);
const flags = (over: Partial<CertificateFlags>): CertificateFlags => ({
  'clean-command': undefined,
  'ca-client': undefined,
  'ca-server': undefined,
  ...over,
});
const command = (script: string) => {
  writeFileSync(at('clean'), `#!/bin/sh\n${script}\n`);
  chmodSync(at('clean'), 0o755);
  return flags({ 'clean-command': at('clean') });
};

test('without a way to clean certificates each one stays, and that is said', async () => {
  const clean = await certificateCleaner(flags({}));
  expect(await clean('puppet', 'redis-1.bake')).toContain('--clean-command');
});

describe('a command that cleans certificates', () => {
  test('gets server and name as arguments of their own', async () => {
    const clean = await certificateCleaner(command(`printf '%s\\n' "$#" "$@" >"$(dirname "$0")/args"`));
    expect(await clean('puppet.example', '$(touch hacked) x')).toBeUndefined();
    expect(readFileSync(at('args'), 'utf8')).toBe('2\npuppet.example\n$(touch hacked) x\n');
    expect(existsSync('hacked')).toBe(false);
  });

  test('that fails is reported with its code and its last line', async () => {
    const clean = await certificateCleaner(command('echo first; echo no route >&2; exit 7'));
    expect(await clean('puppet', 'x')).toMatch(/clean ended with exit code 7: no route$/);
  });

  test('that is killed is not taken for one that worked', async () => {
    const clean = await certificateCleaner(command('kill -9 $$'));
    expect(await clean('puppet', 'x')).toContain('did not end by itself');
  });
});

describe('refuses before anything is baked', () => {
  test.each<[string, Partial<CertificateFlags>, string]>([
    ['a command that is not there', { 'clean-command': '/nonexistent' }, 'cannot be run (ENOENT)'],
    ['a command that is not executable', { 'clean-command': '/etc/passwd' }, 'cannot be run (EACCES)'],
    ['both ways at once', { 'clean-command': '/bin/true', 'ca-client': '/x' }, 'give one'],
    ['a CA for nobody', { 'ca-server': 'ca' }, 'give that, too'],
    ['a CA with a path', { 'ca-server': 'ca/../x', 'ca-client': '/x' }, 'is not HOST or HOST:PORT'],
  ])('%s', async (_, given, message) => {
    await expect(certificateCleaner(flags(given))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  test('a client without its files, naming all that are missing', async () => {
    writeFileSync(at('cert.pem'), '');
    await expect(certificateCleaner(flags({ 'ca-client': folder.path }))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/ca\.pem cannot be read.*\n.*key\.pem cannot be read/),
    });
  });
});

test('a CA that cannot be reached is an answer, not an exception', async () => {
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(at(name), '');
  const clean = await certificateCleaner(flags({ 'ca-client': folder.path, 'ca-server': '127.0.0.1:9' }));
  expect(await clean('puppet', 'x')).toMatch(/127\.0\.0\.1:9 does not answer/);
});
