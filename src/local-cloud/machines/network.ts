import { readFile } from 'node:fs/promises';
import { LocalCloudError } from '../local-cloud-error.ts';
import { attempt, command } from './command.ts';
import { holdIpForward } from './ip-forward.ts';

/** The private network that all machines of one cloud share. */
export interface Network {
  /** The bridge's name, also that of the nftables table. */
  readonly bridge: string;
  /** The first three bytes of its /24: the bridge has .1, the machines from .10. */
  readonly prefix: string;
  /** Lets a machine use the network, before it starts: from its own port of the bridge, and as nobody else. */
  readonly admit: (
    port: string,
    machine: { readonly mac: string; readonly address: string },
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Makes the bridge, lets machines out to where the host itself can go, and returns how to undo all that. The ports of its
 * machines are named `ports…`.
 */
export async function openNetwork(bridge: string, ports: string, wanted: string): Promise<Network> {
  const prefix = chooseNetwork(wanted, await takenNetworks());
  const releaseForward = await holdIpForward(bridge);
  const close = async () => {
    await removeNetwork(bridge);
    await releaseForward();
  };
  try {
    await command('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
    await command('ip', ['address', 'add', `${prefix}.1/24`, 'dev', bridge]);
    await command('ip', ['link', 'set', bridge, 'up']);
    await command('nft', ['-f', '-'], { input: rules(bridge, ports, prefix) });
  } catch (error) {
    await close();
    throw error;
  }
  const admit = async (port: string, { mac, address }: { mac: string; address: string }) => {
    await command('nft', [
      'add',
      'element',
      'bridge',
      bridge,
      'owners',
      `{ "${port}" . ${mac} . ${address} }`,
    ]);
  };
  return { bridge, prefix, admit, close };
}

/** Removes bridge and tables, this run's or a killed one's. */
export async function removeNetwork(bridge: string): Promise<void> {
  await attempt('nft', ['delete', 'table', 'ip', bridge]);
  await attempt('nft', ['delete', 'table', 'bridge', bridge]);
  await attempt('ip', ['link', 'delete', bridge]);
}

/** Lets the machines find their metadata service, which listens on the bridge's address. */
export async function leadToMetadata({ bridge, prefix }: Network, port: number): Promise<void> {
  const rule = `table ip ${bridge} {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    iifname "${bridge}" ip daddr 169.254.169.254 tcp dport 80 dnat to ${prefix}.1:${port}
  }
  map hops {
    type ipv4_addr . inet_service : verdict
    timeout 1h
  }
  chain output {
    type filter hook output priority filter;
    oifname "${bridge}" tcp sport ${port} ip daddr . tcp dport vmap @hops
  }
}
`;
  await command('nft', ['-f', '-'], { input: rule });
}

/**
 * Lets what is still to be answered on a connection of the metadata service go `hops` far only (IP's TTL). For an hour,
 * since TCP repeats what nobody takes for up to half of one.
 */
export async function limitHops(
  { bridge }: Pick<Network, 'bridge'>,
  { address, port, hops }: { address: string; port: number; hops: number },
): Promise<void> {
  const chain = `ip ${bridge} hops-${hops}`;
  const rule = `add chain ${chain}
flush chain ${chain}
add rule ${chain} ip ttl set ${hops}
add element ip ${bridge} hops { ${address} . ${port} : goto hops-${hops} }
`;
  await command('nft', ['-f', '-'], { input: rule });
}

/**
 * Link-local addresses are this computer's own affair: where it is an EC2 instance, they lead to the credentials of its
 * role. What a machine sends to one goes no further than here. As on EC2, a machine sends nothing in the name of another
 * address: the metadata service knows it by that.
 */
function rules(bridge: string, ports: string, prefix: string): string {
  return `table ip ${bridge} {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${prefix}.0/24 oifname != "${bridge}" masquerade
  }
  chain forward {
    type filter hook forward priority filter;
    iifname "${bridge}" ip daddr 169.254.0.0/16 drop
  }
  chain input {
    type filter hook input priority filter;
    iifname "${bridge}" ip daddr 169.254.0.0/16 drop
  }
}
table bridge ${bridge} {
  set owners {
    typeof iifname . ether saddr . ip saddr
  }
  chain prerouting {
    type filter hook prerouting priority filter;
    iifname != "${ports}*" accept
    ether type ip iifname . ether saddr . ip saddr @owners accept
    ether type arp iifname . ether saddr . arp saddr ip @owners accept
    drop
  }
}
`;
}

/** Returns the wanted /24 if it is free, else the first free one of 10.0.0.0/8 after it. Throws when none is. */
export function chooseNetwork(wanted: string, taken: readonly string[]): string {
  const used = taken.map(parseCidr).filter((range) => range !== undefined);
  const [, high = '0', low = '0'] = wanted.split('.');
  const first = Number(high) * 256 + Number(low);
  for (let step = 0; step < 65_536; step++) {
    const index = (first + step) % 65_536;
    const prefix = `10.${index >> 8}.${index & 255}`;
    const start = (10 << 24) + index * 256;
    if (!used.some(([from, to]) => from <= start + 255 && to >= start)) return prefix;
  }
  throw new LocalCloudError(
    'no network of 10.0.0.0/8 is free for the machines: the host has addresses or routes in all of them',
  );
}

function parseCidr(cidr: string): [from: number, to: number] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(1, 5).map(Number);
  const size = 2 ** (32 - Number(match[5] ?? 32));
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const from = address - (address % size);
  return [from, from + size - 1];
}

/** All that the host has an address in, a route to, or asks for names. */
async function takenNetworks(): Promise<string[]> {
  const addresses = await command('ip', ['-o', '-4', 'address', 'show']);
  const routes = await command('ip', ['-o', '-4', 'route', 'show', 'table', 'all']);
  const resolv = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return `${addresses}\n${routes}\n${resolv}`
    .split(/\s+/)
    .filter((word) => /^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/.test(word) && word !== '0.0.0.0');
}
