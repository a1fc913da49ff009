import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { temporaryFolder } from '../cli/stage-process.ts';
import { baseImage } from './puppet-image.ts';
import { scriptRunner, scripts } from './script-runner.ts';

/** The scripts of templates/provision over a real Debian's files, with the real apt, dpkg and Puppet; no machine is booted. */

const minutes = 60_000;
const folder = temporaryFolder();
const runIn = scriptRunner(folder.path);
const work = '/var/lib/bakehouse-bake';
let base = '';

beforeAll(async () => {
  base = (await baseImage()).directory;
}, 5 * minutes);
afterAll(() => {
  folder.remove();
});

describe('bootstrap.sh', () => {
  const locks = {
    lists: '/var/lib/apt/lists/lock',
    frontend: '/var/lib/dpkg/lock-frontend',
    dpkg: '/var/lib/dpkg/lock',
    archives: '/var/cache/apt/archives/lock',
  };
  const files = {
    '/hold.pl': `use Fcntl;
my ($file, $seconds) = @ARGV;
open(my $handle, '>>', $file) or die;
my $lock = pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0);
fcntl($handle, F_SETLK, $lock) or die "not locked: $!";
open(my $ready, '>', '/held'); close $ready;
sleep $seconds;
`,
    '/opt/puppetlabs/bin/puppet': '#!/bin/sh\necho 7.0\n',
    '/usr/local/sbin/systemctl': '#!/bin/sh\necho "$*" >>/systemctl.log\n',
    '/usr/local/sbin/cloud-init': '#!/bin/sh\n',
    '/etc/apt/sources.list': 'deb [trusted=yes] file:/repository ./\n',
    '/repository/Packages': '',
    '/asks/DEBIAN/control':
      'Package: asks\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n',
    '/asks/DEBIAN/conffiles': '/etc/asks\n',
    '/asks/etc/asks': "the package's\n",
    '/up/facts.json': '{}',
    '/up/run.json': '{}',
  };
  const begin = `
rm -f /usr/bin/cloud-init /etc/apt/sources.list.d/*
mkdir -p ${work}; tar -cf ${work}/upload.tar -C /up .
dpkg-deb --build /asks /asks.deb >/dev/null
hold() { rm -f /held; perl /hold.pl "$1" "$2" & until [ -e /held ] || ! kill -0 $!; do sleep 0.05; done; }
bootstrap() { sh /provision/bootstrap.sh; }
`;

  /** What must go well while somebody else holds a lock for a second: also what Puppet or a manifest runs by itself. */
  const calls: [string, string, string][] = [
    ['apt-get update', 'lists', 'apt-get -q update'],
    ['apt-get install', 'frontend', 'apt-get -q -y install /asks.deb'],
    ['apt-get install, as to its archives', 'archives', 'apt-get -q -y install /asks.deb'],
    ['apt-get purge', 'dpkg', 'dpkg -i /asks.deb; hold_now; apt-get -q -y purge asks'],
    ['dpkg --install', 'frontend', 'dpkg -i /asks.deb'],
    ['dpkg --install, as to its own lock', 'dpkg', 'dpkg -i /asks.deb'],
  ];
  const attempt = ([, lock, command]: (typeof calls)[number]) => {
    const path = locks[lock as keyof typeof locks];
    const begun = command.includes('hold_now') ? command : `hold_now; ${command}`;
    return `hold_now() { hold ${path} 1; }; (${begun}; code=$?; wait; exit "$code") >>/log 2>&1; echo "code $?"; dpkg --purge asks >/dev/null 2>&1\n`;
  };

  test(
    'lets all that uses apt or dpkg wait for whoever holds a lock, and nothing of that is in the image',
    async () => {
      const each = calls.map(attempt).join('');
      const script = `${begin}${each}
hold ${locks.lists} 1
bootstrap >/bootstrap.log 2>&1 || cat /bootstrap.log
grep -c 'waiting for the lock ${locks.lists}, which process [0-9]* (perl) holds' /bootstrap.log
${each}sh /provision/seal.sh >/dev/null
find /etc/apt/apt.conf.d /etc/dpkg/dpkg.cfg.d /usr/local/lib -name '*bakehouse*'
grep timer /systemctl.log | grep apt`;
      const { stdout } = await runIn(base, files, script);
      // Without it each of them fails at once, or the lock is none that it needs.
      const [before, after] = [
        stdout.split('\n').slice(0, calls.length),
        stdout.split('\n').slice(calls.length),
      ];
      expect(before.filter((line) => line === 'code 0')).toEqual([]);
      expect(after).toEqual([
        '1',
        ...calls.map(() => 'code 0'),
        ...['is-active --quiet apt-daily.timer', 'stop apt-daily.timer'],
        ...['is-active --quiet apt-daily-upgrade.timer', 'stop apt-daily-upgrade.timer'],
        ...['is-enabled --quiet apt-daily.timer', 'start --no-block apt-daily.timer'],
        ...['is-enabled --quiet apt-daily-upgrade.timer', 'start --no-block apt-daily-upgrade.timer'],
      ]);
    },
    3 * minutes,
  );

  test(
    'keeps a file that was there before its package without asking, unless somebody asks for the other one',
    async () => {
      const script = `${begin}bootstrap >/dev/null 2>&1
echo mine >/etc/asks; dpkg -i /asks.deb >/dev/null 2>&1; echo "$? $(cat /etc/asks)"
dpkg --purge asks >/dev/null 2>&1; echo mine >/etc/asks
apt-get -q -y -o Dpkg::Options::=--force-confnew install /asks.deb >/dev/null 2>&1; echo "$? $(cat /etc/asks)"`;
      expect((await runIn(base, files, script)).stdout).toBe("0 mine\n0 the package's");
    },
    3 * minutes,
  );

  const impatient = `sed -i 's/^patience=600/patience=1/' /provision/bootstrap.sh\n`;
  test.each<[string, string, number, RegExp]>([
    [
      'a lock that stays',
      `hold ${locks.lists} 20`,
      1,
      /\(perl\) still holds the lock \/var\/lib\/apt\/lists\/lock after 1 s$/,
    ],
    [
      'a cloud-init that does not end',
      `printf '#!/bin/sh\\n[ "$2" = --long ] || exec sleep 60\\necho status: running; echo detail: at scripts-user\\n' >/usr/local/sbin/cloud-init`,
      1,
      /cloud-init \(user data included\) has not ended after 1 s: status: running detail: at scripts-user $/,
    ],
    [
      'a cloud-init that ends with an error, which may be of another matter',
      `printf '#!/bin/sh\\necho status: error\\nexit 1\\n' >/usr/local/sbin/cloud-init`,
      0,
      /^bootstrap\.sh: warning: cloud-init ended with code 1: status: error $/,
    ],
    ['a machine without cloud-init', 'rm /usr/local/sbin/cloud-init', 0, /^$/],
  ])(
    'waits for a bounded time, and its last line says for what: %s',
    async (_, prepare, code, last) => {
      const script = `${begin}${impatient}${prepare}\nbootstrap >/dev/null; code=$?\nkill $! 2>/dev/null\nexit "$code"`;
      const { exitCode, stderr } = await runIn(base, files, script);
      expect([exitCode, stderr.split('\n').at(-1)]).toEqual([code, expect.stringMatching(last)]);
    },
    3 * minutes,
  );
});

describe("Puppet's run", () => {
  const sections = ['main', 'agent', 'user'];
  /** What an image's own puppet.conf may say, with what Puppet would apply nothing, or something else. */
  const hostile = {
    tags: 'bootstrap',
    skip_tags: 'zz',
    noop: 'true',
    ignoreschedules: 'false',
    certname: 'other.example',
    node_name_value: 'other.example',
    catalog_cache_terminus: 'yaml',
    client_datadir: '/elsewhere',
    catalog_terminus: 'yaml',
    use_cached_catalog: 'true',
    default_manifest: '/nowhere.pp',
    logdest: '/elsewhere.log',
  };
  const site = `schedule { 'never': range => '1 - 1', period => never }
node /^redis[.]/ {
  file { '/made': content => 'x' }
  file { '/tagged': content => 'x', tag => 'zz' }
  file { '/scheduled': content => 'x', schedule => 'never' }
}
node default { notify { 'another node': } }
`;

  async function run(mode: 'apply' | 'agent', script: string) {
    const at = join(folder.path, `puppet-${mode}`);
    mkdirSync(join(at, 'environment/manifests'), { recursive: true });
    writeFileSync(join(at, 'environment/manifests/site.pp'), site);
    writeFileSync(join(at, 'facts.json'), '{}');
    const server = mode === 'agent' ? '127.0.0.1' : '';
    const env = {
      ...{ UPLOAD: join(at, 'upload.tar'), FACTS: join(at, 'facts.json'), RUN: 'r', CERTNAME: 'redis.bake' },
      ...{ PUPPET_SERVER: server, PUPPET_ENVIRONMENT: 'staging', MANIFESTS: join(at, 'environment') },
      CERTIFICATE_WAIT: '1',
    };
    await execa('sh', [join(scripts, 'collect.sh')], { env });
    mkdirSync(join(at, 'up'));
    await execa('tar', ['-xf', join(at, 'upload.tar'), '-C', join(at, 'up')]);
    const up = ['bake.conf', 'facts.json'].map((name) => [
      `${work}/${name}`,
      readFileSync(join(at, 'up', name), 'utf8'),
    ]);
    const conf = Object.entries({
      ...hostile,
      ...(mode === 'agent'
        ? { environment: 'other', server: 'other', server_list: 'other:8140', use_srv_records: 'true' }
        : {}),
    });
    const values = conf.map(([name, value]) => `  ${name}=${value}\n`).join('');
    const text = sections.map((section) => `[${section}]\n${values}`).join('');
    const environment = `cat <<'SITE' >/env/manifests/site.pp\n${site}SITE\ntar -czf ${work}/environment.tgz -C /env .\n`;
    // Facts of modules that happen to be installed here take long.
    const bare = 'mount -t tmpfs none /usr/share/puppet/modules 2>/dev/null\n';
    const before = `${bare}mkdir -p /env/manifests ${work}\nrm -f /etc/puppet/routes.yaml\n${environment}`;
    const files = { ...Object.fromEntries(up), '/etc/puppet/puppet.conf': text } as Record<string, string>;
    return runIn('/', files, `${before}${script}`);
  }

  test(
    "applies all of the node's catalog whatever section of the image's puppet.conf speaks against it, and tells a noop run of all",
    async () => {
      const { stdout } = await run(
        'apply',
        `MODE=apply NOOP=yes sh /provision/puppet.sh >/dev/null 2>&1
cat ${work}/exit-code; grep -c 'status: noop' ${work}/report.yaml; ls /made /tagged /scheduled 2>/dev/null
MODE=apply sh /provision/puppet.sh >/dev/null 2>&1
cat ${work}/exit-code; ls /made /tagged /scheduled; ls ${work}/client_data/catalog; sed -n 's/^\\(host\\|status\\|noop\\): //p' ${work}/report.yaml
grep -c 'Applied catalog' ${work}/console.log`,
      );
      const noop = ['0', '3'];
      const made = ['/made', '/scheduled', '/tagged'];
      expect(stdout.split('\n')).toEqual([
        ...noop,
        '2',
        ...made,
        'redis.bake.json',
        'redis.bake',
        'changed',
        'false',
        '1',
      ]);
    },
    3 * minutes,
  );

  test(
    'by the agent asks for what the bake wants, whatever section of the image says otherwise',
    async () => {
      const wanted = {
        ...{
          catalog_terminus: 'rest',
          certname: 'redis.bake',
          environment: 'staging',
          ignoreschedules: 'true',
        },
        ...{
          logdest: 'console',
          noop: 'false',
          server: '127.0.0.1',
          server_list: '',
          skip_tags: '',
          tags: '',
          use_cached_catalog: 'false',
          use_srv_records: 'false',
        },
      };
      const { stdout } = await run(
        'agent',
        `MODE=agent sh /provision/puppet.sh >/dev/null 2>&1
puppet config print --config=${work}/puppet.conf --section agent ${Object.keys(wanted).join(' ')}`,
      );
      expect(stdout.split('\n').sort()).toEqual(
        Object.entries(wanted).map(([name, value]) => `${name} = ${value}`),
      );
    },
    3 * minutes,
  );
});
