import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { root, temporaryFolder } from '../cli/stage-process.ts';

/** The policy that a team puts on its Puppet server, run by Ruby as Puppet runs it, over requests that openssl makes. */

const secret = 'c2VjcmV0LXNlY3JldA==';
const name = 'redis-0123456789.bake';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  copyFileSync(join(root, 'templates/environment/modules/puppetserver/files/autosign.rb'), at('autosign.rb'));
  chmodSync(at('autosign.rb'), 0o700);
  writeSecret(`${secret}\n`);
});
afterEach(() => {
  folder.remove();
});

const at = (file: string) => join(folder.path, file);
const writeSecret = (text: string) => {
  writeFileSync(at('autosign.secret'), text, { mode: 0o600 });
};

async function requestFor(subject: string, attributes: string, extensions = ''): Promise<string> {
  const config = `[req]\nprompt = no\ndistinguished_name = name\nattributes = attributes\n${
    extensions === '' ? '' : 'req_extensions = extensions\n'
  }[name]\n${subject}\n[attributes]\n${attributes}\n[extensions]\n${extensions}\n`;
  writeFileSync(at('req.conf'), config);
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    at('key.pem'),
  ];
  const { stdout } = await execa('openssl', ['req', '-new', '-config', at('req.conf'), ...key]);
  return stdout;
}

const good = () => requestFor(`CN = ${name}`, `challengePassword = ${secret}`);
const judge = (pem: string, certname = name) =>
  execa(at('autosign.rb'), [certname], { input: pem, reject: false });

test('signs a bake whose request bears the secret, and says nothing', async () => {
  expect(await judge(await good())).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
});

describe('refuses, with a sentence that does not hold the secret,', () => {
  const password = `challengePassword = ${secret}`;
  test.each<[string, () => Promise<string>, string, string]>([
    [
      'a wrong secret',
      () => requestFor(`CN = ${name}`, 'challengePassword = wrong-wrong-wrong'),
      name,
      'is wrong',
    ],
    ['a secret that only begins well', () => requestFor(`CN = ${name}`, `${password}x`), name, 'is wrong'],
    ['none', () => requestFor(`CN = ${name}`, ''), name, 'bears no secret'],
    [
      'another attribute in its place',
      () => requestFor(`CN = ${name}`, 'unstructuredName = x'),
      name,
      'extensions',
    ],
    ['a name of another shape', () => requestFor('CN = puppet', password), 'puppet', 'not one of a bake'],
    ['a name that only ends well', good, `x\n${name}`, 'not one of a bake'],
    ['no name', good, '', 'not one of a bake'],
    [
      'a request for another name',
      () => requestFor('CN = web-0123456789.bake', password),
      name,
      'another name',
    ],
    [
      'a request with more of a name',
      () => requestFor(`CN = ${name}\nO = x`, password),
      name,
      'another name',
    ],
    [
      'further names',
      () => requestFor(`CN = ${name}`, password, 'subjectAltName = DNS:puppet'),
      name,
      'extensions',
    ],
    [
      'rights in the CA',
      () => requestFor(`CN = ${name}`, password, '1.3.6.1.4.1.34380.1.3.39 = ASN1:UTF8String:true'),
      name,
      'extensions',
    ],
    ['no request', () => Promise.resolve('-----BEGIN'), name, 'no certificate request'],
    ['nothing', () => Promise.resolve(''), name, 'no certificate request'],
  ])('%s', async (_, make, certname, why) => {
    const end = await judge(await make(), certname);
    expect(end).toMatchObject({ exitCode: 1, stdout: '' });
    expect(end.stderr).toMatch(/^autosign: not signed: .*$/);
    expect(end.stderr).toContain(why);
    expect(end.stderr).not.toContain(secret);
  });

  test('a request that was changed after it was signed', async () => {
    const der = Buffer.from((await good()).replace(/-----.*-----/g, ''), 'base64');
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const end = await judge(pem);
    expect([end.exitCode, end.stderr]).toEqual([1, expect.stringContaining('own key')]);
  });

  test.each<[string, () => void, string]>([
    [
      'without a file',
      () => {
        rmSync(at('autosign.secret'));
      },
      'cannot be read (ENOENT)',
    ],
    [
      'in a file that others may read',
      () => {
        chmodSync(at('autosign.secret'), 0o640);
      },
      'chmod 600',
    ],
    [
      'in an empty file',
      () => {
        writeSecret('\n');
      },
      'less than 16',
    ],
    [
      'that is short',
      () => {
        writeSecret('short');
      },
      'less than 16',
    ],
  ])('everything, when its own secret is %s', async (_, spoil, why) => {
    const pem = await good();
    spoil();
    const end = await judge(pem);
    expect([end.exitCode, end.stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});
