import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { exitCode, StageError } from '../../lib/errors.ts';

/** A Puppet on this computer, which compiles the catalogs. */
export interface Puppet {
  /** The Ruby that runs it. */
  ruby: string;
  /** The folder that has its `puppet.rb`. */
  library: string;
}

/** Where Puppet's programs may be. The vendor's package brings a Ruby of its own. */
const places = ['/opt/puppetlabs/puppet/bin', '/usr/bin'];

/** The files of this computer, as far as a Puppet is searched for there. */
export interface FileSearch {
  exists: (path: string) => boolean;
  /** The names in a folder; none when there is no such folder. */
  list: (folder: string) => string[];
}

const files: FileSearch = {
  exists: existsSync,
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
};

/**
 * This computer's Puppet.
 * @throws StageError (exit code 4) when there is none.
 */
export function installedPuppet(search: FileSearch = files): Puppet {
  for (const bin of places) {
    const ruby = join(bin, 'ruby');
    const library = libraryOf(bin, search);
    if (library !== undefined && search.exists(ruby)) return { ruby, library };
  }
  throw new StageError(
    'There is no Puppet on this computer, which compiles the catalogs: install the package puppet-agent.',
    exitCode.unavailable,
  );
}

/**
 * The Puppet of a program `puppet`: a package's, a gem's or a checkout's, wherever it is unpacked.
 * @throws StageError (exit code 2) when it is none.
 */
export function puppetOf(program: string): Puppet {
  const wrong = (what: string) =>
    new StageError(`--puppet ${JSON.stringify(program)}: ${what}`, exitCode.badInput);
  if (statSync(program, { throwIfNoEntry: false })?.isFile() !== true)
    throw wrong('there is no such file; name the program puppet by its path');
  const real = realpathSync(program);
  // What lies beside the installed Puppet is no Puppet for that. The vendor's is a link to a wrapper.sh.
  if (![program, real].some((path) => basename(path) === 'puppet'))
    throw wrong('it is not the program puppet; name that by its path');
  const bin = dirname(real);
  const library = libraryOf(bin, files);
  if (library === undefined) throw wrong(`it has no Puppet beside it (${join(bin, '../lib')})`);
  // The vendor's program is a shell script, beside its Ruby. Others name theirs in the first line.
  const [, named = '/usr/bin/ruby'] =
    /^#!\s*(\/\S*ruby[\d.]*)\s/.exec(readFileSync(program, 'utf8').slice(0, 256)) ?? [];
  const own = join(bin, 'ruby');
  return { ruby: existsSync(own) ? own : named, library };
}

/** The folder with the `puppet.rb` that the programs of a folder load. Debian has OpenVox as a gem, its vendor as a site's own. */
function libraryOf(bin: string, { exists, list }: FileSearch): string | undefined {
  const gems = join(bin, '../share/rubygems-integration/all/gems');
  const openvox = list(gems).filter((name) => /^openvox-\d/.test(name));
  const site = join(bin, '../lib/ruby/site_ruby');
  return [
    ...['../lib/ruby/vendor_ruby', '../lib'].map((folder) => join(bin, folder)),
    ...openvox.map((name) => join(gems, name, 'lib')),
    ...list(site).map((version) => join(site, version)),
  ].find((folder) => exists(join(folder, 'puppet/version.rb')));
}

/** The text of the file that says which Puppet it is, so that nobody need start it to know; its version is in it. */
export function readPuppetVersion({ library }: Puppet): { text: string; version: string } {
  const text = readFileSync(join(library, 'puppet/version.rb'), 'utf8');
  return { text, version: /^\s*PUPPETVERSION\s*=\s*['"]([^'"]+)/m.exec(text)?.[1] ?? 'unknown' };
}
