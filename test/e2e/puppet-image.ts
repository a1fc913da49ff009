import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type BaseImage, baseImage as baseOf, releases } from '../../src/local-cloud/base/base-image.ts';
import {
  giveToMachineUsers,
  hasUserNamespaces,
  ofMachineUsers,
} from '../../src/local-cloud/base/machine-users.ts';
import { linkBase, offerBase } from '../../src/local-cloud/start-up/base-in-state.ts';
import { firstAccount } from '../../src/local-cloud/state/first-account.ts';
import { baseLayerName } from '../../src/local-cloud/state/layers.ts';
import { acquireLock } from '../../src/local-cloud/state/lock.ts';
import { pathsOf } from '../../src/local-cloud/state/paths.ts';

/**
 * Debian with Puppet, so that not each bake of each test installs it: half a bake's time. Made once for a run of the
 * tests, by the file that needs it first.
 */

/** The tests' one release of Debian; `npm run test:matrix` names another one. */
const release = process.env.BAKEHOUSE_TEST_RELEASE === 'trixie' ? 'trixie' : 'bookworm';
export const debianVersion = releases[release];
const name = `debian-${debianVersion}-with-puppet`;

/** For nodes.yaml: Debian as it is. */
export const plainDebian = `source_ami: {name: "debian-${debianVersion}-amd64-*", owner: "136693071363"}`;
/** For nodes.yaml: the source image that a cloud of {@link offerPuppet} has besides plain Debian. */
export const withPuppet = `source_ami: {name: ${name}, owner: "136693071363"}`;

/** The base image that all local clouds of this computer share. */
export async function baseImage(): Promise<BaseImage> {
  return built(await baseOf(process.env.BAKEHOUSE_CACHE ?? '/var/cache/bakehouse', release));
}

async function built(base: BaseImage): Promise<BaseImage> {
  await base.build(() => undefined, new AbortController().signal);
  return base;
}

/** The folder of the files that Debian's Puppet adds to the base image; they are not to be changed. */
export function puppetLayer(): Promise<string> {
  return once('puppet', install);
}

/** Writes the first state of a new cloud into its folder: that of any cloud, and an image of Debian's with Puppet. */
export async function offerPuppet(folder: string): Promise<void> {
  const paths = pathsOf(folder);
  const ownUsers = await hasUserNamespaces();
  const base = ownUsers ? await built(ofMachineUsers(await baseImage())) : await baseImage();
  const directory = ownUsers ? await once('puppet-of-machine-users', copyForMachines) : await puppetLayer();
  const state = firstAccount(ownUsers);
  offerBase(state, { release, hash: 'puppet' }, new Date());
  for (const image of Object.values(state.images)) Object.assign(image, { name });
  for (const snapshot of Object.values(state.snapshots)) snapshot.layers.push(baseLayerName(base.hash));
  mkdirSync(paths.layers, { recursive: true, mode: 0o700 });
  await linkBase(paths, { hash: 'puppet', directory });
  writeFileSync(paths.state, JSON.stringify(state), { mode: 0o600 });
}

/** What `make` writes into a folder of this run of the tests; the other worker waits for it, and does not make it again. */
async function once(what: string, make: (folder: string) => Promise<void>): Promise<string> {
  const shared = process.env.BAKEHOUSE_TEST_SHARED;
  if (shared === undefined)
    throw new Error('run the end-to-end tests by npm test, which makes what they share');
  const done = join(shared, what);
  const lock = await acquireLock(`${done}.lock`, { waitMs: 5 * 60_000 });
  try {
    if (!existsSync(done)) {
      // Another file's try may have failed.
      for (const part of ['making', 'making.root', 'making.work'])
        rmSync(`${done}.${part}`, { recursive: true, force: true });
      mkdirSync(`${done}.making`);
      await make(`${done}.making`);
      renameSync(`${done}.making`, done);
    }
  } finally {
    await lock.release();
  }
  return done;
}

/**
 * apt knows only the packages of templates/environment here, in a folder of the image: to read the list of all of Debian's
 * takes a second of a processor in each bake, to fetch it half a second more.
 */
async function install(upper: string): Promise<void> {
  const { directory } = await baseImage();
  const script = `set -eu
mkdir "$1.root" "$1.work"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1,workdir=$1.work,index=off,metacopy=off" "$1.root"
cd "$1.root"
mount -t proc proc proc
mount --bind /dev dev
cp /etc/resolv.conf etc/resolv.conf
# As bootstrap.sh does: the package would start the agent at each boot.
chroot . systemctl mask --quiet puppet.service
chroot . apt-get -q update
# Without augparse each run of Puppet has the version of Augeas from its library, which reads all of /etc for it: a second.
chroot . apt-get -q -y -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends puppet-agent augeas-tools
# For the test of seal.sh: somebody has answered that its data outlives the package.
echo puppet-agent puppet-agent/postrm_purge_data boolean false | chroot . debconf-set-selections
rm -f var/cache/apt/archives/*.deb
chroot . apt-get -q -y --download-only install redis-server nginx-light rsync
mkdir srv/packages
mv var/cache/apt/archives/*.deb srv/packages
cd srv/packages
for file in *.deb; do
  dpkg-deb --field "$file"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
done >Packages
cd ../..
rm -rf etc/resolv.conf etc/apt/sources.list.d/* var/lib/apt/lists/* var/cache/apt/*.bin
echo 'deb [trusted=yes] file:/srv/packages ./' >etc/apt/sources.list
chroot . apt-get -q update
`;
  const env = { SYSTEMD_OFFLINE: '1', DEBIAN_FRONTEND: 'noninteractive' };
  await execa('unshare', ['--mount', 'sh', '-c', script, 'sh', upper, directory], { env });
}

async function copyForMachines(folder: string): Promise<void> {
  await execa('cp', ['-a', '--reflink=auto', '--', `${await puppetLayer()}/.`, folder]);
  giveToMachineUsers(folder);
}
