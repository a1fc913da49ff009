import type { Node } from '../nodes/node.ts';

/** Settings of `packer` that decide in which VPC a bake runs; none of them: the default VPC. */
export interface BakeSite {
  over: Node['packer'];
  /** Where ssh listens on the machines that are baked there. */
  ports: number[];
  /** The nodes that say so. */
  nodes: string[];
}

const sshPort = 22;

/** Where these nodes are baked, each site once; without any node, the default VPC. */
export function bakeSites(nodes: readonly Node[]): BakeSite[] {
  const sites = new Map<string, BakeSite>();
  for (const { name, packer } of nodes) {
    const { vpc_id, subnet_id, ssh_port } = packer;
    const port = typeof ssh_port === 'number' ? ssh_port : sshPort;
    const key = JSON.stringify([vpc_id, subnet_id]);
    const site = sites.get(key) ?? { over: { vpc_id, subnet_id }, ports: [], nodes: [] };
    if (!site.ports.includes(port)) site.ports.push(port);
    site.nodes.push(name);
    sites.set(key, site);
  }
  return sites.size > 0 ? [...sites.values()] : [{ over: {}, ports: [sshPort], nodes: [] }];
}
