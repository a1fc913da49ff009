import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { type Cloud, startCloud, whatIsThere } from './local-cloud.ts';
import { plainDebian } from './puppet-image.ts';

/** A bake on a machine that is as inconvenient as machines get: nothing of that may decide whether it is baked. */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let cloud: Cloud;

const nodesYaml = `rough:
  group: redis
  ${plainDebian}
  checks:
    - {command: 'systemctl is-enabled apt-daily.timer apt-daily-upgrade.timer', output: '^enabled\\nenabled'}
    - {command: 'systemctl is-active apt-daily.timer apt-daily-upgrade.timer', output: '^active\\nactive'}
    - {command: 'cat /etc/puppet/puppet.conf', output: 'tags = bootstrap'}
    - {command: 'tree --version'}
  packer:
    launch_block_device_mappings: [{device_name: /dev/xvda, volume_size: 20}]
    user_data: |
      #!/bin/sh
      mount --bind /tmp /tmp && mount -o remount,bind,noexec /tmp
      mkdir -p /etc/puppet
      printf '[user]\\ntags = bootstrap\\nnoop = true\\n' >/etc/puppet/puppet.conf
      cat >/run/hold.pl <<'PERL'
      use Fcntl;
      my ($file) = @ARGV;
      open(my $handle, '>>', $file) or die;
      my $lock = pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0);
      fcntl($handle, F_SETLKW, $lock) or die;
      # Until the bake has waited for it for a while.
      sleep 1 while system('pgrep', '-f', "wait-for-locks .*$file");
      sleep 2;
      PERL
      systemd-run --unit=hold-lists perl /run/hold.pl /var/lib/apt/lists/lock
      systemd-run --unit=hold-frontend sh -c 'while [ ! -s /var/lib/bakehouse-bake/settings ]; do sleep 0.1; done; exec perl /run/hold.pl /var/lib/dpkg/lock-frontend'
`;

beforeAll(async () => {
  mkdirSync(at('environment/manifests'), { recursive: true });
  writeFileSync(at('environment/manifests/site.pp'), "package { 'tree': ensure => installed }\n");
  writeFileSync(at('nodes.yaml'), nodesYaml);
  cloud = await startCloud();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

test(
  'a machine whose locks are held, whose /tmp is noexec and whose files are older than their package is baked and proved, and leaves nothing',
  async () => {
    const nodes = ['--nodes', at('nodes.yaml')];
    const env = { env: cloud.env };
    await stage('generate', [...nodes, '--out', at('packs')]);
    const reports = ['--manifests', at('environment'), '--reports', at('reports')];
    const built = await stage('build', [...nodes, '--packs', at('packs'), ...reports], env);
    expect([built.exitCode, built.stdout + built.stderr]).toEqual([0, expect.anything()]);
    const log = readFileSync(at('reports/rough/packer.log'), 'utf8');
    expect(log).toMatch(
      /waiting for the lock \/var\/lib\/apt\/lists\/lock, which process \d+ \(perl\) holds/,
    );
    expect(await whatIsThere(cloud.ec2)).toMatchObject({ instances: [], volumes: [], keyPairs: [] });

    const verified = await stage('verify', [...nodes, ...reports, '--boot'], env);
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringMatching(/^rough +\w+ +ami-/m)]);
    const { images, ...rest } = await whatIsThere(cloud.ec2);
    expect(images).toHaveLength(1);
    expect(rest).toMatchObject({ instances: [], volumes: [], keyPairs: [] });
  },
  6 * minutes,
);
