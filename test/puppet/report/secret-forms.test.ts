import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import { redactor } from '../../../src/puppet/report/secrets.ts';

const redact = redactor([]);
/** Is in every piece of a generated secret, so that a part of it that is left shows as well. */
const trace = 'Zq7';
const letters = 'abcxyzABCXYZ0189';
const base64 = `${letters}+/`;
const inUrl = `${letters}!%*+-._~=@,;`;
const bare = `${letters}!#%^*+-./:@_~=`;
const anything = `${bare} \n\t"'\\,;&|$<>(){}[]ä€`;

const secretOf = (alphabet: string) =>
  fc
    .array(fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), maxLength: 6 }), {
      minLength: 4,
      maxLength: 8,
    })
    .map((pieces) => trace + pieces.map((piece) => piece + trace).join(''));
const json = (text: string) => JSON.stringify(text);
const puppet = (text: string) => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
/** As a POSIX shell's word; without a backslash before a quote, which Puppet and a shell read differently. */
const shell = (text: string) => `'${text.replaceAll(/\\+'/g, "'").replaceAll("'", String.raw`'\''`)}'`;
/** As Ruby's Shellwords and bash's %q write it. */
const backslashes = (text: string) => text.replaceAll('\n', '').replaceAll(/\W/g, String.raw`\$&`);
const lines = (text: string) => text.replaceAll(/\S{1,20}/g, '$&\n');

type Form = [what: string, alphabet: string, written: (secret: string) => string];
const forms: Form[] = [
  ['a URL', inUrl, (s) => `postgres://app:${s}@db.example/app`],
  ["Redis' URL without a user", inUrl, (s) => `redis://:${s}@h`],
  ["a URL with base64's slashes", `${letters}/`, (s) => `amqp://u:${s}@h`],
  ['Sensitive in an error', anything, (s) => `expects a String, got Sensitive(${puppet(s)})`],
  ['a hash of Puppet', anything, (s) => `{ 'password' => ${puppet(s)}, 'port' => 1 }`],
  ['Sensitive in a hash of Puppet', anything, (s) => `db_password => Sensitive(${puppet(s)}),`],
  ['JSON', anything, (s) => `{"password":${json(s)},"port":1}`],
  ['JSON with blanks', anything, (s) => `{"api_token" : ${json(s)}, "port": 1}`],
  ['JSON in a JSON string', anything, (s) => json(`{"secret":${json(s)},"port":1}`)],
  ['an ini file with many blanks', bare, (s) => `password              =        ${s}`],
  ['an ini file with commas', `${letters},;`, (s) => `password = ${s.replaceAll(/[,;]{2,}/g, ',')}`],
  ['YAML', bare, (s) => `client_secret: ${s}`],
  ['a block of YAML', base64, (s) => `private_key: |\n  ${s}\n  ${s}\nport: 1`],
  ['a diff of a block of YAML', base64, (s) => `+private_key: |\n+  ${s}\n+  ${s}\n+port: 1`],
  ['an environment variable', bare, (s) => `PGPASSWORD=${s} psql`],
  ['MySQL’s environment variable', bare, (s) => `MYSQL_PWD=${s} mysql`],
  ['a quoted environment variable', anything, (s) => `export DB_PASS=${shell(s)}; run`],
  ['--password=', bare, (s) => `tool --password=${s} -x`],
  ['--password', bare, (s) => `tool --password ${s} -x`],
  ['a quoted --db-password', anything, (s) => `tool --db-password ${shell(s)} -x`],
  ['an escaped --password', anything, (s) => `tool --password ${backslashes(s)} -x`],
  ['--token in a list', anything, (s) => `["tool", "--token", ${json(s)}]`],
  ['-storepass', bare, (s) => `keytool -storepass ${s} -x`],
  ['mysql -p', bare, (s) => `mysql -u root -p${s} app`],
  ['mysqldump -p in quotes', anything, (s) => `/usr/bin/mysqldump -p${shell(s)} app`],
  ['mysql -p in a list', bare, (s) => `["mysql", ${json(`-p${s}`)}]`],
  ['curl -u', bare, (s) => `curl -fsS -u admin:${s} https://h/`],
  ['curl -u in quotes', anything, (s) => `curl -u ${shell(`admin:${s}`)} https://h/`],
  ['curl --user', bare, (s) => `curl --user=admin:${s} https://h/`],
  ['sshpass', bare, (s) => `sshpass -p ${s} ssh -p 22 h`],
  ['redis-cli', bare, (s) => `redis-cli -p 6379 -a ${s} ping`],
  ['docker login', bare, (s) => `docker login -u me -p ${s} registry`],
  ['ldapsearch', bare, (s) => `ldapsearch -x -w ${s} -b dc=x`],
  ['useradd', bare, (s) => `useradd -m -p ${s} deploy`],
  ['openssl', bare, (s) => `openssl rsa -passin pass:${s} -in k`],
  ['rabbitmqctl', bare, (s) => `rabbitmqctl add_user app ${s}`],
  ['chpasswd', letters, (s) => `echo 'root:${s}' | /usr/sbin/chpasswd`],
  ['IDENTIFIED BY', anything, (s) => `GRANT ALL ON *.* TO u IDENTIFIED BY ${puppet(s)};`],
  ['IDENTIFIED BY what looks like a hash', anything, (s) => `IDENTIFIED BY ${puppet(`$A$${s}`)};`],
  ['IDENTIFIED WITH', anything, (s) => `create user u identified with caching_sha2 by ${puppet(s)};`],
  ['ALTER ROLE', anything, (s) => `ALTER ROLE app ENCRYPTED PASSWORD ${puppet(s)};`],
  ['PASSWORD()', anything, (s) => `SET PASSWORD = PASSWORD(${puppet(s)});`],
  ['requirepass', bare, (s) => `requirepass ${s}`],
  ['masterauth in quotes', anything, (s) => `masterauth ${json(s)}`],
  ['auth-pass', bare, (s) => `sentinel auth-pass main ${s}`],
  ['.netrc', bare, (s) => `machine h login me password ${s}`],
  ['the header of Basic', base64, (s) => `Authorization: Basic ${s}==`],
  ['a quoted header of Bearer', base64, (s) => `curl -H "authorization: bearer ${s}" https://h`],
  ['a header in JSON', base64, (s) => `{"Authorization":"Bearer ${s}"}`],
  ['a bearer elsewhere', base64, (s) => `sent BEARER ${s}`],
  ['X-Api-Key', bare, (s) => `X-Api-Key: ${s}`],
  ['what Puppet logs of a property', anything, (s) => onOneLine(`User[a]/password: change from '${s}' to`)],
  ['a private key', base64, (s) => pem('RSA PRIVATE KEY', lines(s))],
  ['an OpenSSH key', base64, (s) => pem('OPENSSH PRIVATE KEY', lines(s))],
  ['a PGP key', base64, (s) => pem('PGP PRIVATE KEY BLOCK', lines(s))],
  ['a private key cut short', base64, (s) => `-----BEGIN PRIVATE KEY-----\n${lines(s)}`],
  ...['1', '5', '6', '7', 'y', 'gy', 'apr1', '2b$12', '2y$10', '6$rounds=5000', 'sha1$40000'].map(
    (id): Form => [`a hash $${id}$`, `${letters}./`, (s) => `root:$${id}$saltsalt$${s}:19000:0`],
  ),
  ['a hash of argon2', base64, (s) => `$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$${s}`],
  ['a hash in a shell', `${letters}./`, (s) => String.raw`usermod x \$6\$salt\$${s}`],
  ['{SSHA}', base64, (s) => `userPassword:: {SSHA}${s}==`],
  ['{CRYPT}', base64, (s) => `olcRootPW {CRYPT}${s}`],
  ['SCRAM', base64, (s) => `SCRAM-SHA-256$4096:${s}$${s}:${s}`],
];
function pem(kind: string, body: string): string {
  return `-----BEGIN ${kind}-----\n${body}-----END ${kind}-----`;
}
function onOneLine(text: string): string {
  return `/Stage[main]/Main/${text.replaceAll('\n', '')} 'x' failed`;
}

/** Texts around it, apart from it by a blank or the end of a line. */
const around = fc
  .tuple(
    fc.oneof(
      fc.constant(''),
      fc.string({ unit: 'grapheme' }).map((text) => `${text} `),
      fc.string().map((text) => `${text}\n`),
    ),
    fc.oneof(
      fc.constant(''),
      fc.string({ unit: 'grapheme' }).map((text) => ` ${text}`),
      fc.string().map((text) => `\n${text}`),
    ),
  )
  // What stands there by chance is no leak.
  .filter((texts) => !texts.join('').includes(trace));

/** How a log holds a command or a file: as it is, as JSON's or Ruby's string, or in a message's quotes. */
const holders = [
  (text: string) => text,
  json,
  (text: string) => `Error: '${text}' returned 1 instead of one of [0]`,
];

describe('no part of a secret is shown, in any surrounding text', () => {
  test.each(forms)('of %s', (_, alphabet, written) => {
    fc.assert(
      fc.property(
        secretOf(alphabet),
        around,
        fc.constantFrom(...holders),
        (secret, [before, after], hold) => {
          expect(redact(before + hold(written(secret)) + after)).not.toContain(trace);
        },
      ),
      { numRuns: 150 },
    );
  });
});

const hex = '0123456789abcdef';
const upper = 'ABCXYZ234567';
/** As the vendors document them. */
const tokens: [prefix: string, alphabet: string, length: number, after?: string][] = [
  ...['ghp_', 'gho_', 'ghs_'].map((prefix): [string, string, number] => [prefix, letters, 36]),
  ['github_pat_', `${letters}_`, 82],
  ['glpat-', letters, 20],
  ['xoxb-123456789012-1234567890123-', letters, 24],
  ['xapp-1-A0123-', hex, 64],
  ['https://hooks.slack.com/services/T0000/B0000/', letters, 24],
  ['AKIA', upper, 16],
  ['ASIA', upper, 16],
  ['AKIAABCDEFGHIJKLMNOP,', base64, 40],
  ['AIza', `${letters}-_`, 35],
  ['ya29.', `${letters}-_`, 60],
  ['sk_live_', letters, 24],
  ['rk_test_', letters, 24],
  ['npm_', letters, 36],
  ['sk-ant-api03-', `${letters}-_`, 93],
  ['sk-proj-', `${letters}-_`, 80],
  ['hvs.', `${letters}-_`, 95],
  ['dckr_pat_', letters, 27],
  ['SG.abcdefghijklmnopqrstuv.', `${letters}-_`, 43],
  ['shpat_', hex, 32],
  ['dop_v1_', hex, 64],
  ['glsa_', letters, 32, '_0a1b2c3d'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.', `${letters}-_`, 43],
];
test.each(tokens)('a token %s… is not shown', (prefix, alphabet, length, after = '') => {
  const body = fc.string({
    unit: fc.constantFrom(...Array.from(alphabet)),
    minLength: length,
    maxLength: length,
  });
  const holder = fc.constantFrom(
    ...holders,
    (text: string) => json(`a\n${text}\nb`),
    (text: string) => `x=${text};`,
    (text: string) => `(${text})`,
  );
  fc.assert(
    fc.property(body, around, holder, (token, [left, right], hold) => {
      const shown = redact(left + hold(prefix + token + after) + right);
      expect(shown).not.toContain(token.slice(0, 12));
      expect(shown).not.toContain(token.slice(-12));
    }),
  );
});
