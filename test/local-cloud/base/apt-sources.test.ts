import { describe, expect, test } from '@jest/globals';
import { debianSources, carriedAptOptions } from '../../../src/local-cloud/base/apt-sources.ts';

const list = (content: string) => ({ name: '/etc/apt/sources.list', content });

describe("the host's apt sources", () => {
  test('of the old form give the main component of the release', () => {
    const content = `# deb http://old bookworm main
deb http://mirror/debian bookworm main contrib
deb [arch=amd64 trusted=yes] http://mirror/debian bookworm-updates main
deb-src http://mirror/debian bookworm main
deb http://mirror/debian trixie main`;
    expect(debianSources('bookworm', [list(content)])).toEqual([
      'deb http://mirror/debian bookworm main',
      'deb [trusted=yes] http://mirror/debian bookworm-updates main',
    ]);
  });

  test('of the new form give the same, each address and suite once', () => {
    const content = `# main
Types: deb deb-src
URIs: http://a http://b
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off
Suites: bookworm
Components: main`;
    const file = { name: '/etc/apt/sources.list.d/debian.sources', content };
    expect(debianSources('bookworm', [file, list('deb http://a bookworm main')])).toEqual([
      'deb http://a bookworm main',
      'deb http://a bookworm-updates main',
      'deb http://b bookworm main',
      'deb http://b bookworm-updates main',
    ]);
  });

  test("leave out another vendor's repository that names its suite alike", () => {
    const content = `deb http://mirror bookworm main
deb [signed-by=/etc/apt/keyrings/vendor.gpg] http://vendor bookworm main`;
    expect(debianSources('bookworm', [list(content)])).toEqual(['deb http://mirror bookworm main']);
  });

  test.each([
    ['trixie', 'deb http://m/debian bookworm main\ndeb http://m/security bookworm-security main\n', ''],
    ['trixie', 'deb http://m/debian forky main\ndeb http://m/security forky-security main\n', ''],
    ['bookworm', 'deb http://m/debian stable main\ndeb http://m/security stable-security main\n', ''],
    ['bookworm', 'deb http://m/debian trixie main\ndeb http://m/security trixie-security main\n', ''],
    // Where the host has both, each is asked where the host asks for it.
    [
      'trixie',
      'deb http://m/debian trixie main\ndeb http://m/security trixie-security main\n',
      'deb http://other/debian bookworm main',
    ],
  ])('of another release give those of %s on the same mirrors: %j', (release, entries, others) => {
    expect(debianSources(release, [list(entries), list(others)])).toEqual([
      `deb http://m/debian ${release} main`,
      `deb http://m/security ${release}-security main`,
    ]);
  });

  test('are not those of backports and of what is only proposed', () => {
    const content =
      'deb http://m sid main\ndeb http://m bookworm-backports main\ndeb http://m sid-proposed main';
    expect(debianSources('trixie', [list(content)])).toEqual(['deb http://m trixie main']);
  });

  test('give nothing where the release itself is missing, as on another distribution', () => {
    expect(
      debianSources('bookworm', [list('deb http://ubuntu noble main\ndeb http://m bookworm-updates main')]),
    ).toEqual([]);
  });
});

test('carries proxies and what the mirror is excused, and nothing else, into the machines', () => {
  const dump = `APT::Architecture "amd64";
Acquire::http::Proxy "http://proxy:3128";
Acquire::https::Verify-Peer "false";
Acquire::Retries "3";
Acquire::Languages "none";
Acquire::http::Proxy::mirror "DIRECT";`;
  expect(carriedAptOptions(dump)).toEqual([
    'Acquire::http::Proxy "http://proxy:3128";',
    'Acquire::https::Verify-Peer "false";',
    'Acquire::Retries "3";',
    'Acquire::http::Proxy::mirror "DIRECT";',
  ]);
});
