import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { withoutCandidate } from '../../src/local-cloud/os-packages.ts';

test('what apt has no package of is known by what apt-cache itself prints', async () => {
  const names = ['no-such-package-here', 'openssh-client', 'packer'];
  const { stdout } = await execa('apt-cache', ['policy', ...names], { env: { LC_ALL: 'C' } });
  expect(withoutCandidate(stdout, names)).toEqual(['no-such-package-here']);
});

test('a package that is only known by name, or was removed from all sources, has no candidate', () => {
  // Debian 13, where another package once recommended it.
  const policy = `packer:
  Installed: (none)
  Candidate: (none)
  Version table:
puppet-agent:
  Installed: (none)
  Candidate: 8.10.0-2
  Version table:
     8.10.0-2 500
`;
  expect(withoutCandidate(policy, ['packer', 'puppet-agent', 'git'])).toEqual(['packer', 'git']);
});
