import { access } from 'node:fs/promises';
import { packFileReader } from '../generate/pack-files.ts';
import { type PackInputs, packInputs } from '../generate/pack-inputs.ts';
import { type PackSettings, readTemplate, TemplateError } from '../generate/pack-settings.ts';
import { factsOf } from '../generate/pack.ts';
import type { Node } from '../nodes/node.ts';
import { certnameOf } from '../puppet/ca/certificates.ts';
import type { CompileRequest } from '../puppet/catalogs/compilation.ts';
import type { Checkout } from '../puppet/environment/checkout.ts';
import type { Distribution } from '../puppet/facts/distribution.ts';
import { type Facts, factsFor, stdlibFacts } from '../puppet/facts/facts.ts';

/** What images are made of: nodes and files, as they are now or as they were at a commit. */
export interface Revision {
  nodes: readonly Node[];
  /** Keys beyond Bakehouse's own that any node of the file gives: the template may name them. */
  optional: ReadonlySet<string>;
  /** The Puppet environment's folder. */
  manifests: string;
  /** The packs' template, a file. */
  template: string;
  /** The folder of pinned facts. */
  facts: string;
}

/**
 * A revision as a commit of the manifests' repository had it. What lies outside of the repository, or did not exist at
 * the commit, is taken as it is now.
 */
export async function revisionAt(now: Revision, checkout: Pick<Checkout, 'at'>): Promise<Revision> {
  const template = checkout.at(now.template);
  const hadTemplate = await access(template).then(
    () => true,
    () => false,
  );
  return {
    ...now,
    manifests: checkout.at(now.manifests),
    template: hadTemplate ? template : now.template,
    facts: checkout.at(now.facts),
  };
}

/**
 * What the packs of a revision's nodes add to their digests, a member for each node.
 * @throws TemplateError with each problem of the template once.
 */
export async function packInputsOf(revision: Revision, tag: PackSettings['tag']): Promise<PackInputs[]> {
  const settings = {
    template: { file: revision.template, text: await readTemplate(revision.template) },
    tag,
    optional: revision.optional,
  };
  const reader = packFileReader();
  const problems = new Set<string>();
  const packs: PackInputs[] = [];
  for (const node of revision.nodes) {
    try {
      packs.push(await packInputs(node, settings, reader));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      for (const line of error.message.split('\n')) problems.add(line);
    }
  }
  if (problems.size > 0) throw new TemplateError([...problems].join('\n'));
  return packs;
}

/** In place of a bake's run, of which the next one has another. */
const run = 'plan';

/**
 * What is compiled for a node: the catalog of its bake, as far as that can be known before.
 * @param pinned the node's own facts; undefined: those of a plain machine of the distribution
 */
export function compileRequestOf(
  node: Node,
  pinned: Facts | undefined,
  distribution: Distribution | undefined,
  puppetVersion: string,
): CompileRequest {
  const isMasterless = node.puppetServer === undefined;
  const certname = isMasterless ? `${node.name}.bake` : certnameOf(node.name, run);
  const environment = isMasterless ? 'production' : node.puppetEnvironment;
  const overlay = { ...factsOf(node), bakehouse_run: run };
  const base = pinned !== undefined ? { pinned } : distribution && { distribution };
  return {
    node: node.name,
    certname,
    environment,
    authenticated: isMasterless ? 'local' : 'remote',
    facts: factsFor({ base, environment, overlay, certname, puppetVersion }),
    ...(pinned === undefined && distribution !== undefined ? { moduleFacts: stdlibFacts(distribution) } : {}),
    given: Object.keys(overlay),
  };
}

/**
 * What may be otherwise in a node's bake than here, in a sentence: its image has a Puppet of another major version.
 * @param here the version of the Puppet that compiles here
 */
export function otherPuppet(
  node: Node,
  pinned: Facts | undefined,
  distribution: Distribution | undefined,
  here: string,
): string | undefined {
  // Its server compiles, whose version is not known.
  if (node.puppetServer !== undefined) return undefined;
  const was = typeof pinned?.puppetversion === 'string' ? pinned.puppetversion : undefined;
  const asked = node.puppet?.version?.replace(/^\d+:/, '');
  // The distribution says nothing of a package of the team's own.
  const there = parseInt(asked ?? was ?? (node.puppet ? '' : distribution?.puppet) ?? '', 10);
  const ours = parseInt(here, 10);
  if (Number.isNaN(there) || Number.isNaN(ours) || there === ours) return undefined;
  const what =
    ours < 8 && there >= 8
      ? 'there legacy facts are gone, and an unknown variable is an error'
      : 'what only one of them can do shows in the bake, not here';
  return `the image has Puppet ${there} and Puppet ${here} compiles here: ${what} (--puppet PROGRAM names another one)`;
}
