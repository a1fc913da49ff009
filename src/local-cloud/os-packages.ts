import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { LocalCloudError } from './local-cloud-error.ts';

/** Where apt waits for another one's lock before it gives up, so that two starts at once both end well. */
const aptOptions = ['-q', '-o', 'DPkg::Lock::Timeout=300'];

/** Where else to get what some distributions have no package of. Nothing is downloaded without a person's asking for it. */
const elsewhere: Readonly<Record<string, string>> = {
  packer:
    'install Packer as https://developer.hashicorp.com/packer/install says, then run `packer plugins install github.com/hashicorp/amazon`',
};

/** For a person whose apt has no Packer. */
export const withoutPacker = `the packs are written, but no image can be baked, because apt has no package packer here: ${elsewhere.packer ?? ''}. Without Packer, plan, generate, cleanup and doctor work, also on the local cloud (npm run local-cloud)`;

/** The services that a package would start. */
const services: Readonly<Record<string, string>> = { 'puppet-agent': 'puppet.service' };

/**
 * Installs those of Debian's `packages` that are missing, and says so; quick when none is. Answers those of them that are
 * `optional` and that apt has no package of. Throws a LocalCloudError where the others cannot be installed: not Linux, not
 * Debian or Ubuntu, not root, or apt failed.
 */
export async function ensureOsPackages({
  packages,
  optional = [],
  say,
}: {
  packages: readonly string[];
  optional?: readonly string[];
  say: (line: string) => void;
}): Promise<string[]> {
  if (process.platform !== 'linux') {
    throw new LocalCloudError(
      `this is ${process.platform}: the machines need Linux (a virtual machine with Debian 12 will do)`,
    );
  }
  if (!isDebian(await readFile('/etc/os-release', 'utf8').catch(() => ''))) {
    throw new LocalCloudError(
      `/etc/os-release names neither Debian nor Ubuntu: install ${packages.join(', ')} there yourself`,
    );
  }
  if (process.geteuid?.() !== 0) {
    throw new LocalCloudError(
      'this user is not root: machines, mounts and packages need root, so start again with sudo',
    );
  }
  const missing = await missingPackages(packages);
  if (missing.length === 0) return [];
  await apt(['update']);
  const { stdout: policy } = await execa('apt-cache', ['policy', ...missing], { env: { LC_ALL: 'C' } });
  const unknown = withoutCandidate(policy, missing);
  const needed = unknown.filter((name) => !optional.includes(name));
  if (needed.length > 0) {
    const advice = needed.map((name) => elsewhere[name] ?? `install ${name} yourself`);
    throw new LocalCloudError(`apt has no package ${needed.join(', ')} here: ${advice.join('; ')}`);
  }
  const known = missing.filter((name) => !unknown.includes(name));
  if (known.length === 0) return unknown;
  say(`installing ${known.join(', ')} with apt-get`);
  // What is installed for its programs must not begin to manage this computer. Where nothing knows services, none starts.
  for (const name of known) {
    const service = services[name];
    if (service === undefined) continue;
    const { failed } = await execa('systemctl', ['mask', service], { reject: false, stdin: 'ignore' });
    if (!failed)
      say(`${service} is masked, so that it does not start (systemctl unmask ${service} undoes that)`);
  }
  await apt(['install', '--yes', '--no-install-recommends', ...known]);
  return unknown;
}

/** Says whether an os-release file is Debian's or of a system made from it. */
export function isDebian(osRelease: string): boolean {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].flatMap(([, value = '']) =>
    value.replace(/"/g, '').split(' '),
  );
  return ids.includes('debian') || ids.includes('ubuntu');
}

/** Those of the packages that no source of apt's has, by what `apt-cache policy` prints of them. */
export function withoutCandidate(policy: string, names: readonly string[]): string[] {
  const known = [...policy.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (?!\(none\))/gm)].map(
    ([, name]) => name,
  );
  return names.filter((name) => !known.includes(name));
}

/** Whether a Packer is on PATH, of whatever version; RedHat's cracklib has another program of that name, which waits for input. */
export async function hasPacker(): Promise<boolean> {
  const { stdout } = await execa('packer', ['version'], {
    reject: false,
    stdin: 'ignore',
    timeout: 10_000,
    env: { CHECKPOINT_DISABLE: '1' },
  });
  return stdout.startsWith('Packer v');
}

async function missingPackages(packages: readonly string[]): Promise<string[]> {
  // It fails as soon as one package is unknown to it, and still tells about the others.
  const { stdout } = await execa(
    'dpkg-query',
    ['--show', '--showformat=${Package} ${Status}\n', ...packages],
    {
      reject: false,
      stdin: 'ignore',
    },
  );
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' install ok installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

async function apt(args: readonly string[]): Promise<void> {
  const { failed, all } = await execa('apt-get', [...aptOptions, ...args], {
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (failed) {
    const tail = all.split('\n').slice(-8).join('\n  ');
    throw new LocalCloudError(
      `apt-get ${args[0] ?? ''} failed: check /etc/apt/sources.list and the network. It said:\n  ${tail}`,
    );
  }
}
