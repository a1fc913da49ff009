import { expect, test } from '@jest/globals';
import type { SshEnd } from '../../../src/verify/boot/ssh-session.ts';
import { ended, examine, refused, type Scene, shows } from './servers.ts';

const denied = ended(255, '', 'admin@10.0.0.2: Permission denied (publickey).\n');
const bootMs = 600_000;

async function problemsOf(scene: Scene) {
  const { shown } = await examine({ ...scene, bootMs }).end;
  return Array.isArray(shown) ? shown.flatMap(({ problems }) => problems) : [];
}

test('a server whose sshd goes on to refuse the user rejects the image after 3 minutes, not after 10', async () => {
  const said = 'admin@10.0.0.2: Permission denied (publickey).';
  const answers = { '10.0.0.2': [refused, denied] };
  const why = `i-2 answers, but its sshd has refused admin for 3 min (AllowUsers, AuthorizedKeysFile, no such user?): ${said}`;
  expect(await problemsOf({ answers })).toEqual([why]);
});

test('a server that refuses the user at first, before and after a new start of sshd, is tried again', async () => {
  const twoMinutes = Array<SshEnd>(120).fill(denied);
  const answers = { '10.0.0.2': [...twoMinutes, refused, ...twoMinutes, shows(2)] };
  expect(await problemsOf({ answers })).toEqual([]);
});

test('a console without a word is not shown', async () => {
  const over = { consoleTail: () => Promise.resolve('\n') };
  const states = { 'i-2': ['stopped'] };
  expect(await problemsOf({ states, over })).toEqual(['i-2 is stopped: it ended by itself']);
});
