import { describe, expect, test } from '@jest/globals';
import { bookwormSources, carriedAptOptions } from '../../../src/local-cloud/base/apt-sources.ts';

const list = (content: string) => ({ name: '/etc/apt/sources.list', content });

describe("the host's apt sources", () => {
  test('of the old form give the main component of the release', () => {
    const content = `# deb http://old bookworm main
deb http://mirror/debian bookworm main contrib
deb [arch=amd64 trusted=yes] http://mirror/debian bookworm-updates main
deb-src http://mirror/debian bookworm main
deb http://mirror/debian trixie main`;
    expect(bookwormSources([list(content)])).toEqual([
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
    expect(bookwormSources([file, list('deb http://a bookworm main')])).toEqual([
      'deb http://a bookworm main',
      'deb http://a bookworm-updates main',
      'deb http://b bookworm main',
      'deb http://b bookworm-updates main',
    ]);
  });

  test("leave out another vendor's repository that names its suite alike", () => {
    const content = `deb http://mirror bookworm main
deb [signed-by=/etc/apt/keyrings/vendor.gpg] http://vendor bookworm main`;
    expect(bookwormSources([list(content)])).toEqual(['deb http://mirror bookworm main']);
  });

  test('give nothing where the release itself is missing, as on another distribution', () => {
    expect(
      bookwormSources([list('deb http://ubuntu noble main\ndeb http://m bookworm-updates main')]),
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
