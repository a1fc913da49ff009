import type { Node } from '../nodes/node.ts';
import type { BakeRecord } from './bake-record.ts';
import type { BakeWorld } from './bake-node.ts';
import { certnameOf } from '../puppet/ca/certificates.ts';

/** What a record says of the certificate that its bake will ask for; nothing for a masterless one. */
export function certificateOf(node: Node, run: string): Pick<BakeRecord, 'certname' | 'puppetServer'> {
  if (node.puppetServer === undefined) return {};
  return { certname: certnameOf(node.name, run), puppetServer: node.puppetServer };
}

/**
 * Takes a bake's certificate off its Puppet server, where a bake of that name would be refused; answers what is left
 * there, with the reason.
 */
export async function cleanUpCertificate(
  bake: Pick<BakeRecord, 'node' | 'certname' | 'puppetServer'>,
  world: Pick<BakeWorld, 'cleanCertificate' | 'say'>,
): Promise<string[]> {
  const { node, certname, puppetServer } = bake;
  if (certname === undefined || puppetServer === undefined) return [];
  const why = await world.cleanCertificate(puppetServer, certname);
  if (why === undefined) return [];
  const left = `certificate ${certname} on ${puppetServer} (${why})`;
  world.say(node, `warning: not cleaned: ${left}`);
  return [left];
}
