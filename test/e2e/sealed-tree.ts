import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { baseImage, puppetLayer } from './puppet-image.ts';
import { goes, isEmptied, isMasked, settings, stays } from './seal-table.ts';

/** Trees of a real Debian to seal: layers of files over the local cloud's base image. */
export interface Trees {
  /** All that a bake may leave. */
  dirty: string;
  /** Without what puppet.sh asked, but with a Puppet that can be asked. */
  unasked: string;
  /** With a systemd that saves a random seed, and timers that bootstrap.sh has stopped. */
  saving: string;
  /** With a script that lists the machine's contents, at the moment when it runs. */
  listing: string;
  /** With Debian's Puppet installed. */
  withPuppet: string;
  /** The base image as it is. */
  bare: string;
  folder: string;
}

/** There once systemd has saved its seed, which it will not do again when the machine stops. */
export const seedSaved = '/run/seed-saved';
/** There once a timer has been started; each is a file of its own. */
export const timerStarted = (timer: string) => `/run/started-${timer}`;
const runner = fileURLToPath(new URL('run-seal.sh', import.meta.url));
/** chroot does not change it, as a container's own would be. */
const named = (text: string) => text.replaceAll('NAME', hostname());

/** `puppet config print` of some settings. */
const puppet = `#!/bin/sh
for name; do sed -n "s/^$name = /&/p" <<'END'
${settings}END
done
`;

const systemctl = `#!/bin/sh
case "$*" in "stop systemd-random-seed.service")
  echo x >/var/lib/systemd/random-seed
  echo x >${seedSaved}
  ;; "start --no-block "*) echo x >"${timerStarted('$3')}"
  ;; "is-enabled --quiet wanted.timer") exit 0
  ;; "is-enabled --quiet disabled.timer") exit 1
esac
exec /usr/bin/systemctl "$@"
`;

/** Says so if it runs before the rest is done, and fails, as one may. */
const lists = `#!/bin/sh
echo listed
if [ -e /var/lib/bakehouse-bake ]; then echo early; fi
[ -L /etc/systemd/system/puppet.service ] || echo early
echo noise >&2
exit 1
`;

/** Makes the trees; the one with Puppet is the shared one, which may have to be made. */
export async function makeTrees(): Promise<Trees> {
  const { directory: base } = await baseImage();
  const folder = mkdtempSync(join(tmpdir(), 'bakehouse-seal-'));
  const dirt = join(folder, 'dirt');
  for (const path of goes) write(dirt, path, 'x');
  for (const path of isEmptied) write(dirt, path, 'x', 0o640);
  for (const [path, { is, from }] of Object.entries(stays)) write(dirt, path, named(from ?? is));
  const passwd = readFileSync(join(base, 'etc/passwd'), 'utf8');
  write(dirt, '/etc/passwd', `${passwd}service:x:999:999::/srv/service:/usr/sbin/nologin\n`);
  // The agent, enabled.
  write(
    dirt,
    '/lib/systemd/system/puppet.service',
    '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
  );
  const wants = join(dirt, 'etc/systemd/system/multi-user.target.wants/puppet.service');
  rmSync(wants);
  symlinkSync('/lib/systemd/system/puppet.service', wants);
  chmodSync(join(dirt, 'tmp'), 0o1777);
  chmodSync(join(dirt, 'var/tmp'), 0o1777);
  const asked = join(folder, 'asked');
  write(asked, '/var/lib/bakehouse-bake/settings', settings);
  const askable = join(folder, 'askable');
  // Of Puppet's own packages, outside of sudo's path.
  write(askable, '/opt/puppetlabs/bin/puppet', puppet, 0o755);
  write(askable, '/etc/puppetlabs/puppet/puppet.conf', '[agent]\n  vardir = /srv/custom/var\n');
  rmSync(join(dirt, 'var/lib/bakehouse-bake'), { recursive: true });
  // systemd as on a machine: it saves a seed when it stops.
  const saving = join(folder, 'saving');
  write(saving, '/usr/local/sbin/systemctl', systemctl, 0o755);
  write(saving, '/var/lib/bakehouse-bake/stopped-timers', 'wanted.timer\ndisabled.timer\n');
  write(asked, '/var/lib/bakehouse-bake/environments/production/manifests/site.pp', 'x');
  const listing = join(folder, 'listing');
  write(listing, '/var/lib/bakehouse-bake/contents.sh', lists);
  const own = join(folder, 'own');
  // Puppet's own packages, and what no package knows of.
  const unpackaged = ['/etc/puppet/team.yaml', '/var/lib/puppet/lib/x.rb', '/var/cache/puppet/lib/x.rb'];
  for (const path of ['/etc/puppetlabs/puppet/puppet.conf', '/opt/puppetlabs/bin/puppet', ...unpackaged])
    write(own, path, 'x');
  return {
    dirty: [asked, dirt, base].join(':'),
    unasked: [askable, dirt, base].join(':'),
    listing: [listing, asked, dirt, base].join(':'),
    saving: [saving, asked, dirt, base].join(':'),
    withPuppet: [own, await puppetLayer(), base].join(':'),
    bare: base,
    folder,
  };
}

/** lib is a link to usr/lib in a merged /usr: a folder of that name would hide it. */
export function write(root: string, path: string, content: string, mode = 0o644): void {
  const file = join(root, path.replace(/^\/(lib|bin|sbin)\//, '/usr/$1/'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  // From before the machine booted, for the probe.
  utimesSync(file, 0, 0);
}

/** How a seal script ended, and what there is then. */
export interface Sealed {
  exitCode: number;
  output: string;
  paths: Map<string, { kind: string; mode: string; size: number; link: string; content: string }>;
}

export async function seal(
  trees: Pick<Trees, 'folder'>,
  layers: string,
  script: string,
  { busy = '', times = 1, removePuppet = false, more = [] as string[] } = {},
): Promise<Sealed> {
  const work = mkdtempSync(join(trees.folder, 'run-'));
  const file = join(work, 'seal.sh');
  writeFileSync(file, script);
  const paths = [...goes, ...isEmptied, ...Object.keys(stays), ...isMasked, ...more];
  const args = ['--mount', 'sh', runner, layers, work, file, busy, String(times)];
  const env = { REMOVE_PUPPET: removePuppet ? 'yes' : '' };
  const { stdout } = await execa('unshare', args, { input: `${paths.join('\n')}\n`, env });
  const [first = '', ...lines] = stdout.split('\n');
  const rows = lines.map((line) => line.split('\t'));
  const output = readFileSync(join(work, 'output'), 'utf8');
  rmSync(work, { recursive: true, force: true });
  return {
    exitCode: Number(first.replace('exit ', '')),
    output,
    paths: new Map(
      rows.map(([path = '', kind = '', mode = '', size = '', link = '', content = '']) => [
        path,
        { kind, mode, size: Number(size), link, content: Buffer.from(content, 'base64').toString() },
      ]),
    ),
  };
}

/** All that is wrong with a sealed tree that was dirty before. */
export function faultsOf({ exitCode, output, paths }: Sealed): string[] {
  const faults: string[] = [];
  if (exitCode !== 0) faults.push(`exit code ${exitCode}: ${output}`);
  if (!output.endsWith('seal.sh: sealed\n')) faults.push(`it said: ${output}`);
  for (const path of goes) if (paths.has(path)) faults.push(`${path} is still there`);
  for (const path of isEmptied) {
    const found = paths.get(path);
    if (found?.size !== 0 || found.mode !== '640') faults.push(`${path} is not empty, or not as it was`);
  }
  for (const path of isMasked)
    if (paths.get(path)?.link !== '/dev/null') faults.push(`${path} does not mask the unit`);
  for (const [path, { is }] of Object.entries(stays)) {
    const found = paths.get(path)?.content;
    if (found !== named(is)) faults.push(`${path} is ${JSON.stringify(found)}`);
  }
  return faults;
}
