import { expect, test } from '@jest/globals';
import { loginProblems } from '../../../src/verify/boot/judge-logins.ts';
import { factsOf, launchKey } from './servers.ts';

type State = 'set' | 'empty';

/** What speaks against a server whose sshd says this besides Debian's own words, for users with such passwords. */
function problems(says: Record<string, string>, passwords: Record<string, State> = {}) {
  const good = factsOf(1);
  const logins = good.logins.map(({ user, settings }) => ({
    user,
    settings: new Map([...settings, ...Object.entries(says)]),
  }));
  const users = Object.entries(passwords).map(([user, state]) => ({ user, state }));
  return loginProblems({ ...good, logins, passwords: users }, launchKey);
}

const byPassword = (user: string) => `sshd lets ${user} in by a password of the image`;
const asking = { passwordauthentication: 'no', kbdinteractiveauthentication: 'yes' };
const noPasswords = { passwordauthentication: 'no' };
const both: Record<string, State> = { admin: 'set', root: 'set' };

test.each<[string, Record<string, string>, Record<string, State>, string[]]>([
  ["Debian's, where nobody has a password", {}, {}, []],
  ['with passwords, of a user who has one', {}, { admin: 'set' }, [byPassword('admin')]],
  ['with passwords, but not for root', {}, both, [byPassword('admin')]],
  ['with passwords, for root as well', { permitrootlogin: 'yes' }, { root: 'set' }, [byPassword('root')]],
  ['with passwords, where root may not log in', { permitrootlogin: 'no' }, { root: 'set' }, []],
  ['without passwords, of users who have one, for a console say', noPasswords, both, []],
  ['without passwords, which PAM asks for all the same', asking, { admin: 'set' }, [byPassword('admin')]],
  ['that would ask PAM, but uses none', { ...asking, usepam: 'no' }, { admin: 'set' }, []],
  [
    'as it was before OpenSSH 8.7',
    { passwordauthentication: 'no', challengeresponseauthentication: 'yes' },
    { admin: 'set' },
    [byPassword('admin')],
  ],
  ['that wants a key and a password', { authenticationmethods: 'publickey,password' }, { admin: 'set' }, []],
  [
    'that wants a key, or else two answers',
    { authenticationmethods: 'publickey password,keyboard-interactive:pam' },
    { admin: 'set' },
    [byPassword('admin')],
  ],
  ['with an empty password that it does not take', {}, { admin: 'empty' }, []],
  [
    'with an empty password that it takes',
    { permitemptypasswords: 'yes' },
    { admin: 'empty' },
    ['sshd lets admin in without a password'],
  ],
  [
    'that trusts other hosts',
    { hostbasedauthentication: 'yes' },
    {},
    ['sshd lets in whom another host vouches for (HostbasedAuthentication)'],
  ],
  [
    'that trusts an authority',
    { trustedusercakeys: '/etc/ssh/ca.pub' },
    {},
    ['sshd lets in whom the certificate authority in /etc/ssh/ca.pub signs'],
  ],
  [
    'that asks a program for keys',
    { authorizedkeyscommand: '/usr/bin/keys %u' },
    {},
    ['sshd lets in whom /usr/bin/keys names (AuthorizedKeysCommand)'],
  ],
  ["Amazon Linux's", { authorizedkeyscommand: '/opt/aws/bin/eic_run_authorized_keys %u %f' }, {}, []],
  [
    "Ubuntu's",
    { authorizedkeyscommand: '/usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f' },
    {},
    [],
  ],
])('an sshd %s', (_, says, passwords, expected) => {
  expect([...new Set(problems(says, passwords))]).toEqual(expected);
});

test('an sshd that does not say whom it lets in rejects the image', () => {
  const unknown = { ...factsOf(1), logins: [{ user: 'root', settings: new Map<string, string>() }] };
  expect(loginProblems(unknown, launchKey)).toEqual([
    'it is not known whom sshd lets in: sshd -T does not say',
  ]);
});

test('what holds from one address only counts', () => {
  const good = factsOf(1);
  const [rule] = good.logins;
  const inside = { user: 'admin', settings: new Map([...(rule?.settings ?? []), ['usepam', 'yes']]) };
  const outside = {
    user: 'admin',
    settings: new Map([...inside.settings, ['passwordauthentication', 'no']]),
  };
  const facts = { ...good, logins: [outside, inside], passwords: [{ user: 'admin', state: 'set' as const }] };
  expect(loginProblems(facts, launchKey)).toEqual([byPassword('admin')]);
});
