import type { Node } from '../nodes/node.ts';
import { packFileReader } from '../packer/pack-files.ts';
import type { PackSettings } from '../packer/pack.ts';
import { type PackInputs, packInputs } from '../packer/pack-inputs.ts';
import { readTemplate } from '../packer/read-template.ts';
import type { SourceQuery } from '../packer/source-query.ts';
import type { Catalog } from '../puppet/catalogs/catalog.ts';
import type { CompileOrder, EnvironmentDescription, Finding } from '../puppet/catalogs/compilation.ts';
import { type FileLookUp, filesDigest } from '../puppet/catalogs/files-digest.ts';
import type { ReadTree } from '../puppet/environment/read-tree.ts';
import { type Distribution, distributionOf } from '../puppet/facts/distribution.ts';
import { pinnedFacts } from '../puppet/facts/pinned-facts.ts';
import type { JudgedCatalog } from './judge-catalogs.ts';
import type { NodeInputs } from './inputs.ts';
import { orderOf } from './order.ts';
import type { Failure } from './reason.ts';
import type { Side } from './side.ts';

/** A node of a side, with all that decides its image. */
export interface SideNode {
  node: Node;
  /** With any of these there are no inputs. */
  failures: Failure[];
  findings: Finding[];
  inputs?: NodeInputs;
  /** The source image's id, if EC2 was asked. */
  sourceAmi?: string;
  /** Each file that the catalog names, with its id. */
  files: readonly (readonly [address: string, id: string])[];
  /** Puppet's warnings, and files that are not there. */
  warnings: string[];
  /** Only if it was compiled just now. */
  catalog?: Catalog;
}

/** A side with its nodes in their order. */
export interface JudgedSide {
  nodes: SideNode[];
  manifests: ReadTree;
  /** What pluginsync brings, with the hash of each file. */
  pluginFiles: Record<string, string>;
}

/** Where a bake starts: the image's id as EC2 has it, or what nodes.yaml says; `name` tells the distribution. */
export interface Source {
  id: string;
  name: string;
}

/** What judging a side needs of the world. */
export interface JudgeWorld {
  tag: PackSettings['tag'];
  readTree: (folder: string) => Promise<ReadTree>;
  /** The source image that a pack asks for, or why there is none. */
  source: (query: Exclude<SourceQuery, { unknown: string }>) => Promise<Source | { why: string }>;
  /** Catalogs of the orders, in their order, compiled or remembered. */
  catalogs: (
    manifests: string,
    tree: ReadTree,
    orders: CompileOrder[],
  ) => Promise<{ judged: JudgedCatalog[]; environment: EnvironmentDescription; lookUp: FileLookUp }>;
}

/**
 * Finds out all that decides the images of a side's nodes.
 * @throws with exit code 2 what is wrong with the files, 4 when Puppet or EC2 is not available.
 */
export async function judgeSide(side: Side, world: JudgeWorld): Promise<JudgedSide> {
  const manifests = await world.readTree(side.manifests);
  const packs = await packsOf(side, world.tag);
  const sources = await Promise.all(packs.map(({ source }) => sourceOf(source, world)));
  const pinned = await pinnedFacts(
    side.facts,
    side.nodes.map(({ name }) => name),
  );
  const known = side.nodes.map((node, index) => distributionOfNode(node, packs[index], sources[index]));
  const orders = side.nodes.map((node, index) => orderOf(node, pinned.get(node.name), known[index]));
  const { judged, environment, lookUp } = await world.catalogs(side.manifests, manifests, orders);
  const nodes = side.nodes.map((node, index): SideNode => {
    const [pack, source, catalog] = [packs[index], sources[index], judged[index]];
    if (pack === undefined || source === undefined || catalog === undefined)
      throw new Error(`${node.name} was not judged`);
    const unknown = pinned.has(node.name) || known[index] !== undefined ? [] : [unknownDistribution(node, source)];
    return sideNode(node, pack, source, catalog, environment.plugins, lookUp, unknown);
  });
  return { nodes, manifests, pluginFiles: environment.pluginFiles };
}
