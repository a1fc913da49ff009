import type {
  ContentsPart,
  ImageContents,
  ImageService,
  ImageUser,
  InstalledPackage,
  ListeningPort,
  NoContents,
  SetuidFile,
} from './image-contents.ts';

/** What build knows of the image besides its list. */
export type ContentsHead = Pick<ImageContents, 'node' | 'image' | 'run'>;

/**
 * Reads what templates/provision/contents.sh prints.
 * @returns a sentence where even the machine is not said: there is no list then
 */
export function parseContents(text: string, head: ContentsHead): ImageContents | NoContents {
  const machine = partOf(text, 'machine')?.split('\n');
  if (machine === undefined) return { unknown: 'the machine has not listed its contents' };
  const [seconds = '', kernel = '', architecture = '', ...release] = machine;
  const listedAt = new Date(Number(seconds) * 1000);
  if (Number.isNaN(listedAt.getTime())) return { unknown: "the machine's list of contents has no time" };
  const unknown: ContentsPart[] = [];
  const listOf = <T>(part: ContentsPart, parse: (listed: string) => T[], nameOf: (one: T) => string): T[] => {
    const listed = partOf(text, part);
    if (listed === undefined) unknown.push(part);
    return sorted(listed === undefined ? [] : parse(listed), nameOf);
  };
  return {
    schema: 1,
    ...head,
    listedAt: listedAt.toISOString(),
    distribution: distributionOf(release),
    kernel,
    architecture,
    packages: listOf('packages', packagesOf, (one) => `${one.name} ${one.architecture}`),
    services: listOf('services', servicesOf, ({ name }) => name),
    ports: listOf('ports', portsOf, (one) => `${String(one.port).padStart(5, '0')} ${portName(one)}`),
    users: listOf('users', usersOf, ({ name }) => name),
    setuid: listOf('setuid', setuidOf, ({ path }) => path),
    unknown,
  };
}

/** What stands between a part's lines; undefined: it is not there, or was not listed to its end. */
function partOf(text: string, part: string): string | undefined {
  const begin = `--- bakehouse contents: ${part} ---\n`;
  const end = `--- bakehouse contents: end of ${part} ---\n`;
  const from = text.indexOf(begin);
  if (from < 0) return undefined;
  // Paths come last, and can hold any line.
  const to = part === 'setuid' ? text.lastIndexOf(end) : text.indexOf(end, from);
  return to < from ? undefined : text.slice(from + begin.length, to);
}

function linesOf(listed: string): string[] {
  return listed.split('\n').filter((line) => line.trim() !== '');
}

/** By code units, so that every computer writes the same file; what is there twice stands once. */
function sorted<T>(list: readonly T[], nameOf: (one: T) => string): T[] {
  const byName = new Map(list.map((one) => [nameOf(one), one]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** os-release(5): shell-like assignments, whose values may be quoted. */
function distributionOf(release: readonly string[]): ImageContents['distribution'] {
  const values = new Map(
    release.flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, unquoted(value)]];
    }),
  );
  const {
    ID: id = 'linux',
    VERSION_ID: version = '',
    PRETTY_NAME: name = 'Linux',
  } = Object.fromEntries(values);
  return { id, version, name };
}

function unquoted(value: string): string {
  const [, quote, inner = ''] = /^(["'])(.*)\1$/.exec(value) ?? [];
  return quote === undefined ? value : inner.replace(/\\(["'`$\\])/g, '$1');
}

/** dpkg's second letter: not installed, and only configuration files left. */
const notInstalled = /^.[nc]/;

function packagesOf(listed: string): InstalledPackage[] {
  return linesOf(listed).flatMap((line) => {
    const [status = '', name = '', version = '', architecture = '', source = '', sourceVersion = ''] =
      line.split('\t');
    if (name.trim() === '' || notInstalled.test(status)) return [];
    const differs = source !== '' && (source !== name || sourceVersion !== version);
    return [
      {
        ...{ name, version, architecture },
        ...(differs ? { source: { name: source, version: sourceVersion } } : {}),
      },
    ];
  });
}

/** Those of the bake's own login, and of units that somebody started for once. */
const passing = /^(?:user@|user-runtime-dir@|run-)/;
/** What runs programs, now or later: targets and mounts do not. */
const listedUnit = /\.(?:service|socket|timer)$/;

function servicesOf(listed: string): ImageService[] {
  const [links = '', units = ''] = `\n${listed}`.split('\n-\n', 2);
  const namesOf = (word: string) => linesOf(links).flatMap((line) => line.split(`${word} `, 2)[1] ?? []);
  // A unit that is masked does not start, whatever wants it.
  const masked = new Set(namesOf('masked'));
  const enabled = new Set(namesOf('enabled').filter((name) => !masked.has(name)));
  const running = new Set(
    linesOf(units).flatMap((line) => {
      const [name = '', , , state = ''] = line.trim().split(/\s+/);
      // A service that has done its work and ended is active, too.
      return name.endsWith('.service') && state !== 'running' ? [] : [name];
    }),
  );
  return [...new Set([...enabled, ...running])]
    .filter((name) => listedUnit.test(name) && !passing.test(name))
    .map((name) => ({
      name,
      enabled: enabled.has(name) ? 'enabled' : 'not enabled',
      running: running.has(name),
    }));
}

function portsOf(listed: string): ListeningPort[] {
  return linesOf(listed).flatMap((line) => {
    const [, protocol, local = ''] = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+)/.exec(line) ?? [];
    const [, address = '', port] = /^(.*):(\d{1,5})$/.exec(local) ?? [];
    if (protocol === undefined || port === undefined) return [];
    const program = /users:\(\("(.*?)",pid=/.exec(line)?.[1];
    return [
      {
        protocol: protocol as ListeningPort['protocol'],
        address: addressOf(address),
        port: Number(port),
        ...(program === undefined ? {} : { program }),
      },
    ];
  });
}

/** `own`: an address of this one machine, which no other has. */
function addressOf(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^\[|\](?=%|$)/g, '');
  if (plain === '*') return '::';
  return /^(?:0\.0\.0\.0|::|::1|127\..*)$/.test(plain) ? plain : 'own';
}

/** `tcp 0.0.0.0:22`, as a person writes it. */
export function portName({ protocol, address, port }: ListeningPort): string {
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function usersOf(listed: string): ImageUser[] {
  return linesOf(listed).flatMap((line) => {
    const [name = '', uid = '', gid = '', home = '', shell = ''] = line.split(':');
    // A line of NIS (`+`) has no numbers.
    if (!/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home, shell }];
  });
}

function setuidOf(listed: string): SetuidFile[] {
  return listed.split('\0').flatMap((line) => {
    const [mode = '', owner = '', group = '', ...path] = line.split('\t');
    return path.length === 0 ? [] : [{ path: path.join('\t'), mode, owner, group }];
  });
}
