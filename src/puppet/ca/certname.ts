import { createHash } from 'node:crypto';

/**
 * The name of the certificate that a bake asks a Puppet server for: the node's, then ten hexadecimal digits of the
 * run, so that no two bakes ask for the same and site.pp still knows the node (`/^redis-[0-9a-f]{10}\.bake$/`).
 */
export function certnameOf(node: string, run: string): string {
  return `${node}-${createHash('sha256').update(run).digest('hex').slice(0, 10)}.bake`;
}
