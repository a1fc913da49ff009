import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { giveToMachineUsers } from '../base/machine-users.ts';
import type { Instance } from '../state/model.ts';

export const domain = 'ec2.internal';

/** A machine's name as EC2 makes it: `ip-10-20-30-10`. */
export function hostName(address: string): string {
  return `ip-${address.replaceAll('.', '-')}`;
}

/**
 * Writes what only this machine may know to a folder that it sees read-only, so that an image made from it holds
 * none of that. The scripts of the base image read these names.
 */
export async function writeDrive(
  folder: string,
  instance: Instance,
  { gateway, hosts, facts, ownUsers }: { gateway: string; hosts: string; facts: object; ownUsers: boolean },
): Promise<void> {
  // networkd, which is not root there, reads its file in it; user data may hold secrets.
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const files = {
    'instance-id': `${instance.id}\n`,
    hostname: `${hostName(instance.address)}\n`,
    domain: `${domain}\n`,
    hosts,
    'public-key': instance.publicKey === undefined ? '' : `${instance.publicKey}\n`,
    'facts.json': JSON.stringify(facts),
    'user-data': Buffer.from(instance.userData, 'base64'),
    'host0.network': `[Match]
Name=host0

[Link]
MACAddress=${instance.mac}
RequiredForOnline=yes

[Network]
DHCP=no
LinkLocalAddressing=no
Address=${instance.address}/24
Gateway=${gateway}
`,
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), content, { mode: name === 'user-data' ? 0o600 : 0o644 });
  if (ownUsers) giveToMachineUsers(folder);
}
