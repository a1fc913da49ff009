import type { Node } from '../nodes/node.ts';
import { certnameOf } from '../puppet/ca/certname.ts';
import { factsOf } from '../generate/pack.ts';
import type { CompileOrder } from '../puppet/catalogs/compilation.ts';
import type { Distribution } from '../puppet/facts/distribution.ts';
import { stdlibFacts } from '../puppet/facts/built-in-facts.ts';
import { factsFor } from '../puppet/facts/facts-for.ts';
import type { Facts } from '../puppet/facts/facts.ts';

/** In place of a bake's run, of which the next one has another. */
const run = 'plan';

/**
 * What is compiled for a node: the catalog of its bake, as far as that can be known before.
 * @param pinned the node's own facts; undefined: those of a plain machine of the distribution
 */
export function orderOf(
  node: Node,
  pinned: Facts | undefined,
  distribution: Distribution | undefined,
  puppetVersion: string,
): CompileOrder {
  const isMasterless = node.puppetServer === undefined;
  const certname = isMasterless ? `${node.name}.bake` : certnameOf(node.name, run);
  const environment = isMasterless ? 'production' : node.puppetEnvironment;
  const overlay = { ...factsOf(node), bakehouse_run: run };
  return {
    node: node.name,
    certname,
    environment,
    authenticated: isMasterless ? 'local' : 'remote',
    facts: factsFor({
      base: pinned !== undefined ? { pinned } : distribution && { distribution },
      environment,
      overlay,
      certname,
      puppetVersion,
    }),
    ...(pinned === undefined && distribution !== undefined ? { moduleFacts: stdlibFacts(distribution) } : {}),
    given: Object.keys(overlay),
  };
}
