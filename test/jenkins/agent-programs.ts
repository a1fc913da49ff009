import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Stand-ins for the programs of an agent, each what its shell script says. */
export type Programs = Record<string, string | undefined>;

/** An agent that has all, as far as PATH decides it. */
export const wellEquipped: Programs = {
  packer: 'echo "Packer v1.6.6"',
  git: 'echo "git version 2.39.5"',
  ssh: 'echo "OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19" >&2',
  'ssh-keygen': 'echo "/dev/null is not a public key file." >&2; exit 255',
  // Once for the guard, and once for the version that it starts.
  setpriv: 'echo "setpriv from util-linux 2.38.1"',
};

/** Writes them to a folder that may then be the whole PATH; undefined: there is no such program. */
export function agentPath(folder: string, programs: Programs): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries({ ...wellEquipped, ...programs })) {
    if (script === undefined) continue;
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  // Puppet takes a second to say its version: Ruby loads this in its place where RUBYLIB is this folder.
  writeFileSync(join(bin, 'puppet.rb'), "module Puppet; def self.version = '7.23.0'; end\n");
  return bin;
}
