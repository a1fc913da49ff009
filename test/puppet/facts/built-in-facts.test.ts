import { expect, test } from '@jest/globals';
import { builtInFacts, factsFor } from '../../../src/puppet/facts/facts.ts';
import { distributionOf } from '../../../src/puppet/facts/distribution.ts';

const names: [string, string, string, string][] = [
  ['debian-11-amd64-*', 'Debian', '11', 'Debian'],
  ['debian-12-amd64-*', 'Debian', '12', 'Debian'],
  ['debian-12-amd64-20250316-2053', 'Debian', '12', 'Debian'],
  ['debian-13-amd64-*', 'Debian', '13', 'Debian'],
  ['ubuntu/images/hvm-ssd/ubuntu-focal-20.04-amd64-server-*', 'Ubuntu', '20.04', 'Debian'],
  ['ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*', 'Ubuntu', '22.04', 'Debian'],
  ['*ubuntu-jammy-22.04-amd64*', 'Ubuntu', '22.04', 'Debian'],
  ['ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250115', 'Ubuntu', '24.04', 'Debian'],
  ['amzn2-ami-hvm-*-x86_64-gp2', 'Amazon', '2', 'RedHat'],
  ['al2023-ami-2023*', 'Amazon', '2023', 'RedHat'],
  ['RHEL-8*_HVM-*', 'RedHat', '8', 'RedHat'],
  ['RHEL-9.5.0_HVM-20250128-x86_64-0-Hourly2-GP3', 'RedHat', '9', 'RedHat'],
  ['Rocky-8-EC2-*', 'Rocky', '8', 'RedHat'],
  ['Rocky-9-EC2-Base-9.5-20241118.0.x86_64', 'Rocky', '9', 'RedHat'],
  ['AlmaLinux OS 8*', 'AlmaLinux', '8', 'RedHat'],
  ['AlmaLinux OS 9.5.20241120 x86_64', 'AlmaLinux', '9', 'RedHat'],
  ['CentOS Stream 8 x86_64*', 'CentOS', '8', 'RedHat'],
  ['CentOS-Stream-ec2-9-*', 'CentOS', '9', 'RedHat'],
];

test.each(names)('%s is %s %s', (name, os, major, family) => {
  expect(distributionOf(name)).toMatchObject({ name: os, family, release: { major } });
});

test.each([
  ...['debian-10-amd64-*', 'debian-1*', 'debian-120-x', 'debian-12-arm64-*', 'my-debian-12', 'golden-*', ''],
  ...[
    'ubuntu/images/hvm-ssd/ubuntu-trusty-14.04-amd64-server-*',
    'RHEL-7.9_HVM',
    'amzn-ami-hvm-2018',
    'Windows',
  ],
])('%j is none that is known', (name) => {
  expect(distributionOf(name)).toBeUndefined();
});

const distributions = names.map(([name]) => distributionOf(name)).filter((one) => one !== undefined);
/** That it is known is a row of the table above. */
const debian12 = distributions.find(({ codename }) => codename === 'bookworm') ?? fail();
const machine = { certname: 'redis.bake', puppetVersion: '7.23.0' };
function fail(): never {
  throw new Error('Debian 12 is not known');
}
const at = (facts: unknown, path: string) =>
  path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], facts);

/** What Facter calls the same value by its older name. */
const aliases: [string, string][] = [
  ['architecture', 'os.architecture'],
  ['operatingsystem', 'os.name'],
  ['operatingsystemrelease', 'os.release.full'],
  ['operatingsystemmajrelease', 'os.release.major'],
  ['osfamily', 'os.family'],
  ['hardwaremodel', 'os.hardware'],
  ['lsbdistcodename', 'os.distro.codename'],
  ['lsbdistdescription', 'os.distro.description'],
  ['lsbdistid', 'os.distro.id'],
  ['lsbmajdistrelease', 'os.distro.release.major'],
  ['selinux', 'os.selinux.enabled'],
  ['fqdn', 'networking.fqdn'],
  ['hostname', 'networking.hostname'],
  ['domain', 'networking.domain'],
  ['ipaddress', 'networking.ip'],
  ['ipaddress_eth0', 'networking.interfaces.eth0.ip'],
  ['ipaddress_lo', 'networking.interfaces.lo.ip'],
  ['macaddress', 'networking.mac'],
  ['netmask', 'networking.netmask'],
  ['memorysize', 'memory.system.total'],
  ['memoryfree', 'memory.system.available'],
  ['processorcount', 'processors.count'],
  ['physicalprocessorcount', 'processors.physicalcount'],
  ['hardwareisa', 'processors.isa'],
  ['rubyversion', 'ruby.version'],
  ['rubysitedir', 'ruby.sitedir'],
  ['augeasversion', 'augeas.version'],
  ['id', 'identity.user'],
];

test('legacy facts say the same as the structured ones, of every distribution', () => {
  for (const distribution of distributions) {
    const facts = builtInFacts(distribution, machine);
    for (const [legacy, path] of aliases) {
      expect([legacy, facts[legacy]]).toEqual([legacy, at(facts, path)]);
      expect(facts[legacy]).toBeDefined();
    }
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  }
});

test('Debian 12 is as Facter 4 describes it', () => {
  const facts = builtInFacts(debian12, machine);
  const release = { full: '12.11', major: '12', minor: '11' };
  expect(facts.os).toEqual({
    architecture: 'amd64',
    distro: { codename: 'bookworm', description: 'Debian GNU/Linux 12 (bookworm)', id: 'Debian', release },
    family: 'Debian',
    hardware: 'x86_64',
    name: 'Debian',
    release,
    selinux: { enabled: false },
  });
  expect(facts).toMatchObject({
    kernelmajversion: '6.1',
    kernelversion: '6.1.0',
    fqdn: 'redis.bake',
    virtual: 'kvm',
    ec2_metadata: { placement: { region: 'us-east-1' }, 'local-ipv4': facts.ipaddress },
  });
  expect(facts.ruby).toEqual({
    platform: 'x86_64-linux-gnu',
    sitedir: '/usr/local/lib/site_ruby/3.1.0',
    version: '3.1.2',
  });
});

test('the node wins over what is pinned, and Puppet over both', () => {
  const base = { pinned: { timezone: 'CET', role: 'old', clientcert: 'redis-0123456789.bake', mine: 1 } };
  const request = {
    base,
    environment: 'production',
    overlay: { role: 'redis', timezone: 'UTC', clientcert: 'x' },
  };
  expect(factsFor({ ...request, ...machine })).toEqual({
    timezone: 'UTC',
    role: 'redis',
    mine: 1,
    clientcert: 'redis.bake',
    clientversion: '7.23.0',
    clientnoop: false,
    puppetversion: '7.23.0',
    agent_specified_environment: 'production',
  });
  expect(factsFor({ ...request, ...machine, base: { distribution: debian12 } })).toMatchObject({
    fqdn: 'redis.bake',
    role: 'redis',
    osfamily: 'Debian',
  });
  expect(factsFor({ ...request, ...machine, base: undefined })).not.toHaveProperty('os');
});
