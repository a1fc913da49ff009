import type { Node } from '../nodes/node.ts';
import type { BakeRecord } from './bake-record.ts';
import { factsOf } from '../generate/pack.ts';

/** What Puppet was given in a bake, so that it can be given the same again. */
export function puppetInputs(node: Node, bake: BakeRecord) {
  const { certname = `${node.name}.bake`, puppetServer } = bake;
  return {
    node: node.name,
    certname,
    run: bake.run,
    ...(puppetServer === undefined ? {} : { puppetServer }),
    puppetEnvironment: node.puppetEnvironment,
    facts: factsOf(node),
  };
}
