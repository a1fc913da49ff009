import type { Node } from '../nodes/node.ts';
import type { PackSettings } from '../generate/pack-settings.ts';
import type { PackInputs } from '../generate/pack-inputs.ts';
import type { SourceQuery } from '../generate/pack-query.ts';
import type { Catalog } from '../puppet/catalogs/catalog.ts';
import type { CompileOrder, EnvironmentDescription, Finding } from '../puppet/catalogs/compilation.ts';
import { type FileLookUp, filesDigest, type MissingFile } from '../puppet/catalogs/files-digest.ts';
import type { ReadTree } from '../puppet/environment/read-tree.ts';
import type { Tree } from '../puppet/environment/tree.ts';
import { type Distribution, distributionOf } from '../puppet/facts/distribution.ts';
import { pinnedFacts } from '../puppet/facts/pinned-facts.ts';
import type { JudgedCatalog } from './judge-catalogs.ts';
import type { NodeInputs } from './inputs.ts';
import { orderOf } from './order.ts';
import type { Failure } from './reason.ts';
import { packsOf } from './side-packs.ts';
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
  order: CompileOrder;
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
  /** Of the Puppet that compiles. */
  puppetVersion: string;
  readTree: (folder: string) => Promise<ReadTree>;
  /** The source image that a pack asks for, or why there is none. */
  source: (query: Exclude<SourceQuery, { unknown: string }>) => Promise<Source | { why: string }>;
  /** Catalogs of the orders, in their order, compiled or remembered. */
  catalogs: (
    manifests: string,
    tree: Tree,
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
  const names = side.nodes.map(({ name }) => name);
  const pinned = await pinnedFacts(side.facts, names);
  const known = packs.map(({ source }, index) => distributionOfSource(source, sources[index]));
  const orders = side.nodes.map((node, index) =>
    orderOf(node, pinned.get(node.name), known[index], world.puppetVersion),
  );
  const { judged, environment, lookUp } = await world.catalogs(side.manifests, manifests.tree, orders);
  const nodes = side.nodes.map((node, index): SideNode => {
    const [pack, source, catalog, order] = [packs[index], sources[index], judged[index], orders[index]];
    if (pack === undefined || source === undefined || catalog === undefined || order === undefined)
      throw new Error(`${node.name} was not judged`);
    const isKnown = pinned.has(node.name) || known[index] !== undefined;
    const findings = [...pack.findings, ...(isKnown ? [] : [unknownDistribution(node, source)])];
    return sideNode(node, { pack, source, catalog, order, findings }, environment, lookUp);
  });
  return { nodes, manifests, pluginFiles: environment.pluginFiles };
}

/** What was found out about a node. */
interface Found {
  pack: PackInputs;
  source: Source | { why: string };
  catalog: JudgedCatalog;
  order: CompileOrder;
  findings: Finding[];
}

function sideNode(
  node: Node,
  { pack, source, catalog, order, findings }: Found,
  { plugins }: EnvironmentDescription,
  lookUp: FileLookUp,
): SideNode {
  const failures: Failure[] = [
    ...('problem' in catalog ? [{ kind: 'not-compiled', problem: catalog.problem } as const] : []),
    ...('why' in source ? [{ kind: 'no-source', why: source.why } as const] : []),
  ];
  if ('problem' in catalog || 'why' in source)
    return { node, order, failures, findings, files: [], warnings: [] };
  const { summary } = catalog;
  const { digest: files, files: ids, missing } = filesDigest(summary.named, lookUp);
  const { pack: packDigest, scripts } = pack;
  return {
    node,
    order,
    failures,
    findings: [...findings, ...summary.findings],
    inputs: { catalog: summary.digest, files, plugins, pack: packDigest, scripts, source: source.id },
    ...(source.id.startsWith('ami-') ? { sourceAmi: source.id } : {}),
    files: ids,
    warnings: [...summary.warnings, ...missing.map(missingText)],
    ...(catalog.catalog === undefined ? {} : { catalog: catalog.catalog }),
  };
}

function missingText({ resource, addresses, file, line }: MissingFile): string {
  const where = file === undefined ? '' : ` (${[file, line].filter((part) => part !== undefined).join(':')})`;
  return `${resource} names ${addresses.join(', ')}, which is not there${where}`;
}

/** What cannot be told is a finding of the pack's already, and no reason to fail. */
async function sourceOf(query: SourceQuery, world: JudgeWorld): Promise<Source | { why: string }> {
  return 'unknown' in query ? { id: 'unknown', name: '' } : world.source(query);
}

function distributionOfSource(
  query: SourceQuery,
  source: Source | { why: string } | undefined,
): Distribution | undefined {
  const name = source !== undefined && 'name' in source ? source.name : '';
  return distributionOf(name) ?? distributionOf('filters' in query ? (query.filters.name ?? '') : '');
}

function unknownDistribution(node: Node, source: Source | { why: string }): Finding {
  const name = 'name' in source && source.name !== '' ? `'${source.name}'` : 'its source image';
  const what = `the distribution of ${name} is not known: pin the facts of a machine in facts/${node.name}.yaml`;
  return { kind: 'unknown-distribution', what };
}
