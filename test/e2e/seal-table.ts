/**
 * What a bake leaves on its machine and an image must not carry, and what it must: written down from what Debian's,
 * Ubuntu's and Puppet's packages do, not from seal.sh. Paths are absolute, in the machine.
 */

/** Made as files with some content; gone afterwards. */
export const goes: readonly string[] = [
  // Puppet, where Debian's package keeps things
  '/var/lib/puppet/ssl/private_keys/redis-0123456789.bake.pem',
  '/var/lib/puppet/ssl/certs/redis-0123456789.bake.pem',
  '/var/cache/puppet/client_data/catalog/redis-0123456789.bake.json',
  '/var/cache/puppet/client_yaml/catalog/redis.yaml',
  '/var/cache/puppet/clientbucket/0/1/2/contents',
  '/var/cache/puppet/facts.d/plugin.txt',
  '/var/cache/puppet/public/last_run_summary.yaml',
  '/var/cache/puppet/reports/redis/202601020304.yaml',
  '/var/cache/puppet/state/agent_catalog_run.lock',
  '/etc/puppet/csr_attributes.yaml',
  // a Puppet server that ran while it was baked
  '/etc/puppet/puppetserver/ca/ca_key.pem',
  '/var/lib/puppetserver/bucket/0/contents',
  '/var/lib/puppetserver/reports/redis/x.yaml',
  '/var/lib/puppetserver/server_data/facts/redis.json',
  '/var/lib/puppetserver/yaml/node/redis.yaml',
  // Puppet's own packages
  '/etc/puppetlabs/puppet/ssl/private_keys/x.pem',
  '/etc/puppetlabs/puppet/csr_attributes.yaml',
  '/etc/puppetlabs/puppetserver/ca/ca_key.pem',
  '/opt/puppetlabs/puppet/cache/client_data/catalog/x.json',
  '/opt/puppetlabs/puppet/cache/client_yaml/x.yaml',
  '/opt/puppetlabs/puppet/cache/clientbucket/x',
  '/opt/puppetlabs/puppet/cache/facts.d/x.txt',
  '/opt/puppetlabs/puppet/cache/reports/x.yaml',
  '/opt/puppetlabs/puppet/cache/state/last_run_report.yaml',
  '/opt/puppetlabs/puppet/public/last_run_summary.yaml',
  '/opt/puppetlabs/server/data/puppetserver/bucket/x',
  '/opt/puppetlabs/server/data/puppetserver/reports/x.yaml',
  '/opt/puppetlabs/server/data/puppetserver/server_data/x.json',
  '/opt/puppetlabs/server/data/puppetserver/yaml/x.yaml',
  // where the team's puppet.conf put it
  '/srv/custom/ssl/private_keys/x.pem',
  '/srv/custom/ca/ca_key.pem',
  '/srv/custom/state/x.lock',
  '/srv/custom/var/client_data/catalog/x.json',
  '/srv/custom/client_yaml/x.yaml',
  '/srv/custom/clientbucket/x',
  '/srv/custom/reports/x.yaml',
  '/srv/custom/public/last_run_summary.yaml',
  // the bake's own
  '/etc/facter/facts.d/bakehouse.json',
  '/etc/facter/facts.d/bakehouse-run.json',
  '/etc/dpkg/dpkg.cfg.d/bakehouse',
  '/etc/apt/apt.conf.d/zz-bakehouse',
  '/usr/local/lib/bakehouse-bake/dpkg',
  '/var/lib/bakehouse-bake/environments/production/manifests/site.pp',
  '/tmp/.hidden/x',
  '/var/tmp/x/y',
  // identity
  '/etc/ssh/ssh_host_ed25519_key',
  '/etc/ssh/ssh_host_ed25519_key.pub',
  '/etc/ssh/ssh_host_rsa_key',
  '/etc/ssh/ssh_host_rsa_key.pub',
  '/var/lib/dbus/machine-id',
  '/var/lib/systemd/random-seed',
  '/var/lib/systemd/credential.secret',
  '/var/lib/urandom/random-seed',
  '/etc/hostname',
  '/var/lib/dhcp/dhclient.eth0.leases',
  '/var/lib/dhcpcd/eth0.lease',
  '/var/lib/dhcpcd/eth0.lease6',
  '/var/lib/NetworkManager/internal-0-eth0.lease',
  '/var/lib/NetworkManager/secret_key',
  '/var/lib/cloud/instances/i-0a/user-data.txt',
  '/var/lib/cloud/instance/boot-finished',
  '/var/lib/cloud/data/instance-id',
  '/var/lib/cloud/sem/config_scripts_per_once.once',
  // access and history
  ...['/root', '/home/admin', '/home/directory-user', '/srv/service'].flatMap((home) =>
    ['.ssh/authorized_keys', '.ssh/authorized_keys2', '.ssh/known_hosts', '.bash_history', '.mysql_history', '.lesshst', '.viminfo', '.wget-hsts'] // prettier-ignore
      .map((name) => `${home}/${name}`),
  ),
  // package manager
  '/etc/apt/auth.conf',
  '/etc/apt/auth.conf.d/internal.conf',
  '/var/lib/apt/lists/deb.example_dists_bookworm_InRelease',
  '/var/lib/apt/lists/partial/x',
  '/var/cache/apt/archives/redis_1_amd64.deb',
  '/var/cache/apt/pkgcache.bin',
  // logs that were rotated, and the journal of the machine
  '/var/log/journal/0123456789abcdef0123456789abcdef/system.journal',
  '/var/log/syslog.1',
  '/var/log/syslog.2.gz',
  '/var/log/syslog.3.xz',
  '/var/log/dmesg.old',
  // the agent, switched on by a package or by Puppet
  '/etc/systemd/system/multi-user.target.wants/puppet.service',
];

/** Made with content; there afterwards, with the same mode and empty. */
export const isEmptied: readonly string[] = [
  '/etc/machine-id',
  '/var/log/syslog',
  '/var/log/wtmp',
  '/var/log/btmp',
  '/var/log/lastlog',
  '/var/log/puppetlabs/puppet/puppet.log',
];

/** There afterwards with this content; made with it, or with `from`. */
export const stays: Readonly<Record<string, { is: string; from?: string }>> = {
  '/etc/puppet/puppet.conf': { is: '[main]\n' },
  '/etc/facter/facts.d/datacenter.yaml': { is: 'datacenter: a\n' },
  '/etc/ssl/private/service.key': { is: 'a key that the manifests put there\n' },
  '/etc/ssh/sshd_config.d/own.conf': { is: 'PermitRootLogin no\n' },
  '/home/admin/.bashrc': { is: '# bash\n' },
  '/home/admin/.ssh/config': { is: 'Host *\n' },
  '/var/lib/cloud/scripts/per-boot/own.sh': { is: '#!/bin/sh\n' },
  '/srv/custom/var/data': { is: 'of the service\n' },
  '/etc/hosts': {
    from: '127.0.0.1 localhost\n127.0.1.1 NAME.ec2.internal NAME\n10.0.0.5 NAME\n10.0.0.6 xNAMEx\n10.0.0.7 database\n',
    is: '127.0.0.1 localhost\n10.0.0.6 xNAMEx\n10.0.0.7 database\n',
  },
  '/etc/apt/sources.list': {
    from: 'deb https://user:password@apt.example/debian bookworm main\n',
    is: 'deb https://apt.example/debian bookworm main\n',
  },
  '/etc/apt/sources.list.d/internal.list': {
    from: 'deb [arch=amd64] http://token@apt.example/x y z\n# a@b\n',
    is: 'deb [arch=amd64] http://apt.example/x y z\n# a@b\n',
  },
};

/** Links to /dev/null afterwards. */
export const isMasked: readonly string[] = [
  'puppet.service',
  'puppet-run.timer',
  'puppet-run.service',
  'pxp-agent.service',
].map((unit) => `/etc/systemd/system/${unit}`);

/** As `puppet config print` prints them on a machine whose team moved everything. */
export const settings = `vardir = /srv/custom/var
ssldir = /srv/custom/ssl
cadir = /srv/custom/ca
statedir = /srv/custom/state
client_datadir = /var/lib/bakehouse-bake/client_data
clientyamldir = /srv/custom/client_yaml
clientbucketdir = /srv/custom/clientbucket
reportdir = /srv/custom/reports
publicdir = /srv/custom/public
bogus =
`;
