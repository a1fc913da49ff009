import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCode, StageError } from '../../lib/errors.ts';

/** A Puppet on this computer, which compiles the catalogs. */
export interface Puppet {
  /** The Ruby that runs it. */
  ruby: string;
  /** The folder that has its `puppet.rb`. */
  library: string;
}

/** Where Puppet may be. The vendor's package brings a Ruby of its own. */
const places: readonly Puppet[] = [
  { ruby: '/opt/puppetlabs/puppet/bin/ruby', library: '/opt/puppetlabs/puppet/lib/ruby/vendor_ruby' },
  { ruby: '/usr/bin/ruby', library: '/usr/lib/ruby/vendor_ruby' },
];

/**
 * This computer's Puppet.
 * @throws StageError (exit code 4) when there is none.
 */
export function installedPuppet(exists: (path: string) => boolean = existsSync): Puppet {
  const found = places.find(({ ruby, library }) => exists(ruby) && exists(join(library, 'puppet.rb')));
  if (found === undefined) {
    throw new StageError(
      'There is no Puppet on this computer, which compiles the catalogs: install the package puppet-agent.',
      exitCode.unavailable,
    );
  }
  return found;
}

/**
 * The Puppet of a program `puppet`: a package's, a gem's or a checkout's, wherever it is unpacked.
 * @throws StageError (exit code 2) when it is none.
 */
export function puppetOf(program: string): Puppet {
  const wrong = (what: string) =>
    new StageError(`--puppet ${JSON.stringify(program)}: ${what}`, exitCode.badInput);
  if (!existsSync(program)) throw wrong('there is no such file; name the program puppet by its path');
  const bin = dirname(realpathSync(program));
  const library = ['../lib/ruby/vendor_ruby', '../lib']
    .map((folder) => join(bin, folder))
    .find((folder) => existsSync(join(folder, 'puppet/version.rb')));
  if (library === undefined) throw wrong(`it has no Puppet beside it (${join(bin, '../lib')})`);
  // The vendor's program is a shell script, beside its Ruby. Others name theirs in the first line.
  const [, named = '/usr/bin/ruby'] =
    /^#!\s*(\/\S*ruby[\d.]*)\s/.exec(readFileSync(program, 'utf8').slice(0, 256)) ?? [];
  const own = join(bin, 'ruby');
  return { ruby: existsSync(own) ? own : named, library };
}

/** The text of the file that says which Puppet it is, so that nobody need start it to know; its version is in it. */
export function readPuppetVersion({ library }: Puppet): { text: string; version: string } {
  const text = readFileSync(join(library, 'puppet/version.rb'), 'utf8');
  return { text, version: /^\s*PUPPETVERSION\s*=\s*['"]([^'"]+)/m.exec(text)?.[1] ?? 'unknown' };
}
