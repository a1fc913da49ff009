import { afterAll, expect, test } from '@jest/globals';
import { temporaryFolder } from '../cli/stage-process.ts';
import { baseImage } from './puppet-image.ts';
import { scriptRunner } from './script-runner.ts';

/** bootstrap.sh and the Puppet that nodes.yaml asks for, over a real Debian's files with the real apt; no machine is booted. */

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

const files = {
  '/opt/puppetlabs/bin/puppet': '#!/bin/sh\necho the image has 7.0\n',
  '/usr/local/sbin/systemctl': '#!/bin/sh\n',
  '/etc/apt/sources.list': 'deb [trusted=yes] file:/repository ./\n',
  '/repository/Packages': '',
  '/up/facts.json': '{}',
  '/up/run.json': '{}',
  // build REPOSITORY PACKAGE VERSION
  '/build': `#!/bin/sh -eu
mkdir -p /x/DEBIAN /x/usr/bin "/$1"
printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n' "$2" "$3" >/x/DEBIAN/control
rm -f /x/usr/bin/*
printf '#!/bin/sh\necho %s %s\n' "$2" "$3" >/x/usr/bin/puppet
if [ "$2" = other ]; then mv /x/usr/bin/puppet /x/usr/bin/other; fi
chmod 755 /x/usr/bin/*
dpkg-deb --build /x "/$1/$2-$3.deb" >/dev/null
{
  dpkg-deb -f "/$1/$2-$3.deb"
  printf 'Filename: ./%s\nSize: %s\n' "$2-$3.deb" "$(stat -c %s "/$1/$2-$3.deb")"
  printf 'SHA256: %s\n\n' "$(sha256sum <"/$1/$2-$3.deb" | cut -d ' ' -f 1)"
} >>"/$1/Packages"
`,
};

const team = '[trusted=yes] file:/team ./';
/** What nodes.yaml asks for; the exit code of bootstrap.sh, and what the machine's puppet, or the last line, says. */
const asked: [Record<string, string>, string][] = [
  [{}, '0 the image has 7.0'],
  [{ PACKAGE: 'openvox-agent' }, '0 openvox-agent 2~rc1-1'],
  [{ PACKAGE: 'openvox-agent', VERSION: '1' }, '0 openvox-agent 1'],
  [{ PACKAGE: 'openvox-agent', SOURCE: team }, '0 openvox-agent 1.5'],
  [{ VERSION: '2' }, '0 puppet-agent 2'],
  [{ VERSION: '1.5', SOURCE: team }, '1 no package puppet'],
  [{ PACKAGE: 'openvox-agent', VERSION: '2~rc1-1', SOURCE: team }, '1 no openvox-agent 2~rc1-1 but 1.5'],
  [{ PACKAGE: 'openvox-agent', VERSION: '3' }, '1 no openvox-agent 3 but 1 2~rc1-1'],
  [{ PACKAGE: 'openvox.agent' }, '1 no package openvox.agent'],
  [{ PACKAGE: 'other' }, '1 bootstrap.sh: the package other=1, which nodes.yaml asks for, brings no program puppet'],
  [{ PACKAGE: 'openvox-agent', SOURCE: '[trusted=yes] file:/nowhere ./' }, '100 E: '],
]; // prettier-ignore

test('installs the Puppet that nodes.yaml asks for, or says what the sources lack; the repository does not stay', async () => {
  const attempts = asked.map(([values]) => {
    const env = Object.entries(values).map(([name, value]) => `PUPPET_${name}='${value}'`);
    return `try ${env.join(' ')}\n`;
  });
  const script = `set -u
rm -f /usr/bin/cloud-init /etc/apt/sources.list.d/*
mkdir -p /var/lib/bakehouse-bake
/build repository openvox-agent 1; /build repository openvox-agent 2~rc1-1; /build repository puppet-agent 2
/build repository other 1; /build team openvox-agent 1.5
try() {
  tar -cf /var/lib/bakehouse-bake/upload.tar -C /up .
  env "$@" sh /provision/bootstrap.sh >/out 2>/err
  code=$?
  case $code in
    0) echo "0 $(PATH=$PATH:/opt/puppetlabs/bin puppet)"; ls /etc/apt/sources.list.d ;;
    1) echo "1 $(tail -n 1 /err | sed 's/^.*package sources have //; s/, which nodes.yaml asks for$//')" ;;
    *) echo "$code $(grep -o '^E: ' /err | head -n 1)" ;;
  esac
  # From now on the image has none.
  rm -f /opt/puppetlabs/bin/puppet /etc/apt/sources.list.d/*
  dpkg --purge openvox-agent puppet-agent other >/dev/null 2>&1
}
${attempts.join('')}`;
  const { stdout, stderr } = await scriptRunner(folder.path)((await baseImage()).directory, files, script);
  expect([stderr, ...stdout.split('\n')]).toEqual(['', ...asked.map(([, end]) => end)]);
}, 180_000);
