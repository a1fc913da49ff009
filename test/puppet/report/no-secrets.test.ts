import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import { redactor } from '../../../src/puppet/report/secrets.ts';

const redact = redactor([]);
const digest = '022004df64740cb9dbafa4b2a9b982d5aad4226fc3282f6f5aef7c18fdcf4737';
test.each([
  'passwd: files systemd',
  'passwd:         compat ldap',
  '/etc/passwd',
  '/etc/passwd: changed',
  '--password-file /x',
  '--password-file=/x',
  'password_file: /run/secrets/db',
  'PasswordAuthentication=no',
  'ssh -o PasswordAuthentication=no -p 22 h',
  'password policy: strong',
  'the option --password is deprecated',
  'the two-pass compiler, the long-secret store',
  'password => undef, port => 1',
  'secret: [redacted]',
  'password: Sensitive [value redacted]',
  '/Stage[main]/Main/User[a]/password: changed [redacted] to [redacted]',
  'requirepass is not set',
  'token ring',
  'unexpected token: }',
  "Syntax error at 'token' (line: 3, column: 5)",
  'pip install token==1.2',
  'Basic auth is off',
  'the bearer certificate, bearer authentication',
  'secret santa',
  'Class[App::Secret::Store]: ok',
  'Could not read /etc/app/token: No such file or directory',
  '/run/secrets/db_password: Permission denied for user a',
  `defined content as '{sha256}${digest}'`,
  `content changed '{md5}d41d8cd98f00b204e9800998ecf8427e' to '{sha256}${digest}'`,
  `sha512:${digest}${digest}`,
  '8b34b596-fbee-40df-8681-ef6d26b25d9b',
  '152f9fb0c4753d5aad4226fc3282f6f5aef7c18f',
  "ensure changed 'absent' to 'present'",
  'key: value',
  'pass: 3, fail: 0',
  'PWD=/srv OLDPWD=/',
  'root:x:0:0:root:/root:/bin/bash',
  '-p 6379',
  'redis-cli -p 6379 ping',
  'mkdir -p /srv',
  'ssh -p 22',
  'cp -pR a b',
  'mysqldump app > dump && cp -pR dump b',
  'mysql -p app',
  'mysql -u root -P 3306 app',
  'apt-get install mysql-server -y',
  'docker run -u 1000:1000 -p 80:80 --user app:app i',
  'curl -u me https://h:8443/',
  'http://registry:4873/@scope/package',
  'https://h:80/a?b=c@d',
  'git@github.com:me/app.git',
  '-----BEGIN CERTIFICATE-----',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@h',
  'task-abcdefghijklmnopqrstuvwxyzabcdefghij',
  'arn:aws:iam::123456789012:role/AKI',
  'echo $1$2 ${HOME} $PATH',
])('%j stays as it is', (text) => {
  expect(redact(text)).toBe(text);
});

const folder = new URL('../fixtures/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => /\.(?:txt|yaml|json)$/.test(name));
test.each(fixtures)('the log %s of a real run, without secrets, stays as it is', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  expect(redact(text)).toBe(text);
});

test('a shown text stays as it is when it is searched again', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('password', ' = ', '"', "'", '://', ':', '@', 'a', '\n', '\\', '--token '),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const shown = redact(words.join(''));
      expect(redact(shown)).toBe(shown);
    }),
  );
});

/** Beginnings that a search could follow far, and in vain, from each of many places. */
const repeated = [
  ...[
    'password',
    'password=',
    'password="\\',
    "password='",
    'password=\\"',
    '"password": ',
    'password: |\n',
    'password (',
  ],
  ...[
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '://a:',
    '://a:b@',
    '\\',
    '\\"',
    '"',
    "'",
    ' ',
    '-',
    '-a-',
    'a',
    'a:',
    '/a:',
  ],
  ...[
    'eyJabcdefgh-',
    'eyJabcdefgh.',
    'SG.a.',
    'sk-',
    'AKIA',
    'AKIAABCDEFGHIJKLMNOP ',
    'hooks.slack.com/services/',
  ],
  ...[
    'mysql -p',
    'mysql "',
    'mysql \'"',
    'curl -u a:',
    'openssl "',
    '--password ',
    'requirepass ',
    'login a password ',
    'x:y|',
  ],
  ...[
    'Authorization: Bearer ',
    'Bearer ',
    'bearer a',
    'identified by ',
    '$1$',
    '{SHA}',
    'SCRAM-SHA-256$1:',
    "]/password: '",
  ],
];
test.each(repeated)('the time for a line of many %j grows with its length, not with its square', (part) => {
  // Of this process alone, since other work of the machine counts in the time of the clock.
  const cpuMs = (length: number) => {
    const text = part.repeat(Math.ceil(length / part.length));
    const start = process.cpuUsage();
    redact(text);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  };
  // 10 times as long; a square would be 100. Garbage is collected at some time: the best of three counts.
  let growth = Infinity;
  for (let time = 0; time < 3 && growth >= 40; time += 1)
    growth = Math.min(growth, cpuMs(200_000) / Math.max(5, cpuMs(20_000)));
  expect(growth).toBeLessThan(40);
});
