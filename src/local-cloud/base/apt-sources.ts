/** The host's own mirrors of Debian, read from its apt sources, so that no mirror's name stands in our code. */

/** A suite of Debian's: the release, and which part of it. */
const suite =
  /^(bullseye|bookworm|trixie|forky|oldstable|stable|testing|unstable|sid)(?:-(updates|security))?$/;

interface Entry {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly signedBy: string;
  readonly trusted: boolean;
}

/**
 * Returns one-line `deb` entries for the suites of a release of Debian. A host of another release has them on the same
 * mirrors. [] when the host has no main entry of Debian's.
 */
export function debianSources(
  release: string,
  files: readonly { name: string; content: string }[],
): string[] {
  const found = files
    .flatMap(({ name, content }) =>
      name.endsWith('.sources') ? parseDeb822(content) : parseOneLine(content),
    )
    .flatMap((entry) => {
      const [, of, part = ''] = suite.exec(entry.suite) ?? [];
      if (of === undefined || !entry.components.includes('main')) return [];
      // Another vendor's repository may also name its suite after Debian's; its key is not Debian's.
      if (entry.signedBy !== '' && !entry.signedBy.includes('debian-archive')) return [];
      return [{ ...entry, of, part }];
    });
  const hasMain = (entries: typeof found) => entries.some(({ part }) => part === '');
  const own = found.filter(({ of }) => of === release);
  const ours = hasMain(own) ? own : found;
  if (!hasMain(ours)) return [];
  const lines = ours.map(({ uri, trusted, part }) => {
    const option = trusted ? '[trusted=yes] ' : '';
    return `deb ${option}${uri} ${release}${part === '' ? '' : `-${part}`} main`;
  });
  return [...new Set(lines)];
}

/** The old format: `deb [option=value] uri suite component...`. */
function parseOneLine(content: string): Entry[] {
  return content.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line.trim());
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    return [
      {
        uri,
        suite,
        components: components.trim().split(/\s+/),
        signedBy: /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1] ?? '',
        trusted: /(?:^|\s)trusted=yes(?:\s|$)/.test(options),
      },
    ];
  });
}

/** The new format: stanzas of `Key: value`, where a line that begins with a blank continues the one before. */
function parseDeb822(content: string): Entry[] {
  const text = content.replace(/^#.*\n?/gm, '');
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const field of stanza.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = field.indexOf(':');
      if (colon > 0) fields.set(field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1).trim());
    }
    const words = (key: string) => (fields.get(key) ?? '').split(/\s+/).filter((word) => word !== '');
    if (!words('types').includes('deb') || fields.get('enabled') === 'no') return [];
    return words('uris').flatMap((uri) =>
      words('suites').map((suite) => ({
        uri,
        suite,
        components: words('components'),
        signedBy: fields.get('signed-by') ?? '',
        trusted: fields.get('trusted') === 'yes',
      })),
    );
  });
}

/** Picks from `apt-config dump` what a machine on this network needs as well: proxies and what the mirror is excused. */
export function carriedAptOptions(dump: string): string[] {
  return dump
    .split('\n')
    .filter((line) =>
      /^Acquire::(?:[a-z]+::(?:Proxy|Verify-Peer|Verify-Host)|Retries|Check-Valid-Until|Check-Date)\b[^ ]* "[^"]+";$/i.test(
        line,
      ),
    );
}
