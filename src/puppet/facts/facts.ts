import type { Distribution } from './distribution.ts';

/** What Puppet knows of a machine, by name; plain data. */
export type Facts = Record<string, unknown>;

/** What a machine's facts are put together from. */
export interface FactsSources extends MachineOf {
  /** Facts that a person pinned, or the machine's distribution; with neither there is only the overlay. */
  base: { pinned: Facts } | { distribution: Distribution } | undefined;
  /** `production` for a bake without a Puppet server. */
  environment: string;
  /** What goes up with the bake: the node's own facts, `bakehouse_node`, `bakehouse_run`. */
  overlay: Facts;
}

/** All facts that Puppet would see in a bake: the overlay wins, as external facts do, except over Puppet's own. */
export function factsFor(sources: FactsSources): Facts {
  const { base, environment, overlay, certname, puppetVersion } = sources;
  return {
    ...baseFacts(base, sources),
    puppetversion: puppetVersion,
    agent_specified_environment: environment,
    ...overlay,
    // Puppet adds these after all facts are known.
    clientcert: certname,
    clientversion: puppetVersion,
    clientnoop: false,
  };
}

function baseFacts(base: FactsSources['base'], machine: MachineOf): Facts {
  if (base === undefined) return {};
  return 'pinned' in base ? base.pinned : builtInFacts(base.distribution, machine);
}

/** What the facts of a machine depend on besides its distribution. */
export interface MachineOf {
  /** Becomes hostname and domain. */
  certname: string;
  /** Puppet's version, `7.23.0`. */
  puppetVersion: string;
}

/**
 * The facts that Facter 4 has of a new EC2 machine with two processors and 4 GiB, modern and legacy, with addresses of
 * nobody. What differs from machine to machine without a meaning (uptime, ssh keys, serial numbers) is not there.
 */
export function builtInFacts(distribution: Distribution, { certname, puppetVersion }: MachineOf): Facts {
  const [hostname = '', ...rest] = certname.split('.');
  const domain = rest.join('.');
  return {
    ...osFacts(distribution),
    ...kernelFacts(distribution.kernel),
    ...networkFacts(hostname, domain),
    ...hardwareFacts(isaOf(distribution)),
    ec2_metadata: ec2Metadata(),
    ...platformFacts(distribution, puppetVersion),
  };
}

function osFacts({ name, family, release, codename, description, kernel }: Distribution): Facts {
  const architecture = family === 'Debian' ? 'amd64' : 'x86_64';
  const id = { RedHat: 'RedHatEnterprise', CentOS: 'CentOSStream' }[name as string] ?? name;
  const selinux = family === 'RedHat' && name !== 'Amazon';
  const enforcing = {
    enabled: true,
    enforced: true,
    config_mode: 'enforcing',
    config_policy: 'targeted',
    current_mode: 'enforcing',
    policy_version: kernel.startsWith('4.') ? '31' : '33',
  };
  return {
    os: {
      name,
      family,
      release,
      architecture,
      hardware: 'x86_64',
      distro: { id, codename, description, release },
      selinux: selinux ? enforcing : { enabled: false },
    },
    operatingsystem: name,
    operatingsystemrelease: release.full,
    operatingsystemmajrelease: release.major,
    osfamily: family,
    architecture,
    hardwaremodel: 'x86_64',
    lsbdistid: id,
    lsbdistcodename: codename,
    lsbdistdescription: description,
    lsbdistrelease: release.full,
    lsbmajdistrelease: release.major,
    ...(release.minor === undefined ? {} : { lsbminordistrelease: release.minor }),
    selinux,
    ...(selinux
      ? { selinux_enforced: true, selinux_current_mode: 'enforcing', selinux_config_policy: 'targeted' }
      : {}),
  };
}

function kernelFacts(release: string): Facts {
  const version = release.split(/[-+]/)[0] ?? '';
  return {
    kernel: 'Linux',
    kernelrelease: release,
    kernelversion: version,
    kernelmajversion: version.split('.').slice(0, 2).join('.'),
  };
}

/** Of the networks for documentation (RFC 5737, 7042). */
const address = {
  ip: '192.0.2.10',
  netmask: '255.255.255.0',
  network: '192.0.2.0',
  mac: '00:00:5e:00:53:01',
};

function networkFacts(hostname: string, domain: string): Facts {
  const fqdn = domain === '' ? hostname : `${hostname}.${domain}`;
  const { ip, netmask, network, mac } = address;
  const eth0 = { ip, netmask, network, mac, mtu: 9001, dhcp: '192.0.2.1' };
  const lo = { ip: '127.0.0.1', netmask: '255.0.0.0', network: '127.0.0.0', mtu: 65536 };
  const binding = (of: typeof lo | typeof eth0) => ({
    ...of,
    bindings: [{ address: of.ip, netmask: of.netmask, network: of.network }],
  });
  const named = { hostname, fqdn, ...(domain === '' ? {} : { domain }) };
  return {
    networking: { ...named, ...eth0, primary: 'eth0', interfaces: { eth0: binding(eth0), lo: binding(lo) } },
    ...named,
    ipaddress: ip,
    netmask,
    network,
    macaddress: mac,
    interfaces: 'eth0,lo',
    ipaddress_eth0: ip,
    netmask_eth0: netmask,
    network_eth0: network,
    macaddress_eth0: mac,
    mtu_eth0: eth0.mtu,
    ipaddress_lo: lo.ip,
    netmask_lo: lo.netmask,
    network_lo: lo.network,
    mtu_lo: lo.mtu,
    dhcp_servers: { system: eth0.dhcp, eth0: eth0.dhcp },
  };
}

/** What manifests read of it: where the machine is and what it is, not who it is. */
function ec2Metadata(): Facts {
  const host = `ip-${address.ip.replaceAll('.', '-')}.ec2.internal`;
  return {
    'ami-launch-index': '0',
    'block-device-mapping': { ami: '/dev/xvda', root: '/dev/xvda' },
    hostname: host,
    'instance-action': 'none',
    'instance-life-cycle': 'on-demand',
    'instance-type': 't3.medium',
    'local-hostname': host,
    'local-ipv4': address.ip,
    mac: address.mac,
    placement: { 'availability-zone': 'us-east-1a', region: 'us-east-1' },
    profile: 'default-hvm',
    services: { domain: 'amazonaws.com', partition: 'aws' },
  };
}

/** What `uname -p` says, which Debian's does not know. */
function isaOf({ name }: Distribution): string {
  return name === 'Debian' ? 'unknown' : 'x86_64';
}

function hardwareFacts(isa: string): Facts {
  const model = 'Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz';
  const memory = { total: '3.81 GiB', available: '3.40 GiB', used: '419.84 MiB', capacity: '10.76%' };
  const bytes = { total_bytes: 4_091_019_264, available_bytes: 3_650_789_376, used_bytes: 440_229_888 };
  return {
    processors: {
      count: 2,
      cores: 1,
      threads: 2,
      physicalcount: 1,
      isa,
      models: [model, model],
      speed: '2.50 GHz',
    },
    hardwareisa: isa,
    processorcount: 2,
    physicalprocessorcount: 1,
    processor0: model,
    processor1: model,
    memory: { system: { ...memory, ...bytes } },
    memorysize: memory.total,
    memorysize_mb: 3901.5,
    memoryfree: memory.available,
    memoryfree_mb: 3481.66,
    virtual: 'kvm',
    is_virtual: true,
    hypervisors: { kvm: { amazon: true } },
    cloud: { provider: 'aws' },
    dmi: {
      manufacturer: 'Amazon EC2',
      bios: { vendor: 'Amazon EC2', version: '1.0', release_date: '10/16/2017' },
      chassis: { type: 'Other' },
    },
    manufacturer: 'Amazon EC2',
    bios_vendor: 'Amazon EC2',
    disks: {
      nvme0n1: {
        model: 'Amazon Elastic Block Store',
        size: '8.00 GiB',
        size_bytes: 8_589_934_592,
        type: 'ssd',
      },
    },
    blockdevices: 'nvme0n1',
    partitions: {},
  };
}

function platformFacts({ family }: Distribution, puppetVersion: string): Facts {
  const platform = family === 'Debian' ? 'x86_64-linux-gnu' : 'x86_64-linux';
  const rubyVersion = puppetVersion.startsWith('8.') ? '3.2.2' : family === 'Debian' ? '3.1.2' : '2.7.8';
  const sitedir =
    family === 'Debian'
      ? `/usr/local/lib/site_ruby/${rubyVersion.replace(/\d+$/, '0')}`
      : `/opt/puppetlabs/puppet/lib/ruby/site_ruby/${rubyVersion.replace(/\d+$/, '0')}`;
  return {
    ruby: { platform, version: rubyVersion, sitedir },
    rubyplatform: platform,
    rubyversion: rubyVersion,
    rubysitedir: sitedir,
    puppetversion: puppetVersion,
    facterversion: '4.3.0',
    timezone: 'UTC',
    path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    identity: { uid: 0, user: 'root', gid: 0, group: 'root', privileged: true },
    id: 'root',
    gid: 'root',
    fips_enabled: false,
    filesystems: family === 'Debian' ? 'ext2,ext3,ext4,vfat' : 'xfs',
    augeas: { version: '1.14.0' },
    augeasversion: '1.14.0',
  };
}

/** Those of puppetlabs-stdlib, which hardly any environment is without. */
export function stdlibFacts({ name, family, release }: Distribution): Facts {
  return {
    service_provider: 'systemd',
    package_provider:
      family === 'Debian' ? 'apt' : name === 'Amazon' && release.major === '2' ? 'yum' : 'dnf',
    root_home: '/root',
  };
}
