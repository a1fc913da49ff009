import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { testAsRoot } from '../as-root.ts';
import { temporaryFolder } from '../cli/stage-process.ts';
import { ensureOsPackages, withoutCandidate } from '../../src/local-cloud/os-packages.ts';

test('what apt has no package of is known by what apt-cache itself prints', async () => {
  const names = ['no-such-package-here', 'openssh-client', 'git'];
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

testAsRoot(
  'a package that some distributions lack is left out where it is optional, and named where it is not',
  async () => {
    const folder = temporaryFolder();
    const log = join(folder.path, 'log');
    const put = (name: string, script: string) => {
      writeFileSync(join(folder.path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    };
    put('dpkg-query', 'exit 1');
    put('apt-cache', "printf 'puppet-agent:\\n  Installed: (none)\\n  Candidate: 8.10.0-2\\n'");
    for (const name of ['apt-get', 'systemctl']) put(name, `echo "${name} $*" >> '${log}'`);
    const { PATH = '' } = process.env;
    process.env.PATH = `${folder.path}:${PATH}`;
    const say = () => undefined;
    try {
      const packages = ['puppet-agent', 'packer'];
      expect(await ensureOsPackages({ packages, optional: ['packer'], say })).toEqual(['packer']);
      expect(
        readFileSync(log, 'utf8')
          .replace(/-q -o \S+ /g, '')
          .trim()
          .split('\n'),
      ).toEqual([
        'apt-get update',
        'systemctl mask puppet.service',
        'apt-get install --yes --no-install-recommends puppet-agent',
      ]);
      await expect(ensureOsPackages({ packages, say })).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringMatching(/^apt has no package packer here: install Packer as https:/),
      });
    } finally {
      process.env.PATH = PATH;
      folder.remove();
    }
  },
);
