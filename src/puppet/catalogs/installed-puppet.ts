import { existsSync } from 'node:fs';

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
 * @throws CompilerError (exit code 4) when there is no Puppet.
 */
export function installedPuppet(exists: (path: string) => boolean = existsSync): string {
  const found = places.find(({ ruby, library }) => exists(ruby) && exists(library));
  if (found === undefined) {
    throw new CompilerError(
      4,
      'There is no Puppet on this computer, which compiles the catalogs: install the package puppet-agent.',
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

/** No catalog can be compiled at all: 2 when the environment is at fault, 4 when Puppet is. */
export class CompilerError extends Error {
  readonly exitCode: 2 | 4;

  constructor(exitCode: 2 | 4, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
