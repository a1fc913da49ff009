import { builtInFacts, type MachineOf } from './built-in-facts.ts';
import type { Distribution } from './distribution.ts';
import type { Facts } from './facts.ts';

/** What a machine's facts are put together from. */
export interface FactsOrder extends MachineOf {
  /** Facts that a person pinned, or the machine's distribution; with neither there is only what is laid over. */
  base: { pinned: Facts } | { distribution: Distribution } | undefined;
  /** `production` for a bake without a Puppet server. */
  environment: string;
  /** What goes up with the bake: the node's own facts, `bakehouse_node`, `bakehouse_run`. */
  overlay: Facts;
}

/** All facts that Puppet would see in a bake: what is laid over wins, as external facts do, but for Puppet's own. */
export function factsFor(order: FactsOrder): Facts {
  const { base, environment, overlay, certname, puppetVersion } = order;
  return {
    ...baseFacts(base, order),
    puppetversion: puppetVersion,
    agent_specified_environment: environment,
    ...overlay,
    // Puppet adds these after all facts are known.
    clientcert: certname,
    clientversion: puppetVersion,
    clientnoop: false,
  };
}

function baseFacts(base: FactsOrder['base'], machine: MachineOf): Facts {
  if (base === undefined) return {};
  return 'pinned' in base ? base.pinned : builtInFacts(base.distribution, machine);
}
