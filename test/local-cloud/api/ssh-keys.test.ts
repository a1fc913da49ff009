import { expect, test } from '@jest/globals';
import { readPublicKey } from '../../../src/local-cloud/api/ssh-keys.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKmjcgLbTzvUUgtLO1lDVE9xqXgMS5BGuOuj3V0XxRBb me@here';

test('reads a public key, and drops its comment', () => {
  expect(readPublicKey(`${ed25519}\n`)).toMatchObject({
    type: 'ed25519',
    line: ed25519.replace(' me@here', ''),
  });
});

test.each([
  ['nothing', ''],
  ['another type', ed25519.replaceAll('ssh-ed25519', 'ssh-dss')],
  ['a type that is not the blob’s', ed25519.replace('ssh-ed25519', 'ssh-rsa')],
  ['a blob that is cut off', ed25519.replace('XxRBb', '')],
  ['two keys', `${ed25519}\n${ed25519}`],
  ['options before it', `command="x" ${ed25519}`],
])('refuses %s', (_, line) => {
  expect(() => readPublicKey(line)).toThrow('not in valid OpenSSH public key format');
});
