import { existsSync } from 'node:fs';
import { exitCode, StageError } from '../../lib/errors.ts';

/** Where Puppet may be: its library, and the Ruby that knows it. The vendor's package brings a Ruby of its own. */
const places = [
  {
    ruby: '/opt/puppetlabs/puppet/bin/ruby',
    library: '/opt/puppetlabs/puppet/lib/ruby/vendor_ruby/puppet.rb',
  },
  { ruby: '/usr/bin/ruby', library: '/usr/lib/ruby/vendor_ruby/puppet.rb' },
];

/**
 * The Ruby that runs this computer's Puppet.
 * @throws StageError (exit code 4) when there is no Puppet.
 */
export function installedPuppet(exists: (path: string) => boolean = existsSync): string {
  const found = places.find(({ ruby, library }) => exists(ruby) && exists(library));
  if (found === undefined) {
    throw new StageError(
      'There is no Puppet on this computer, which compiles the catalogs: install the package puppet-agent.',
      exitCode.unavailable,
    );
  }
  return found.ruby;
}

/** The file that says which Puppet {@link installedPuppet} is, so that nobody need start it to know. */
export function puppetVersionFile(exists: (path: string) => boolean = existsSync): string {
  const ruby = installedPuppet(exists);
  const library = places.find((place) => place.ruby === ruby)?.library ?? '';
  return library.replace(/\.rb$/, '/version.rb');
}
