import type { PackInputs } from '../generate/pack-inputs.ts';
import type { PackSettings } from '../generate/pack-settings.ts';
import type { SourceQuery } from '../generate/pack-query.ts';
import type { Node } from '../nodes/node.ts';
import type { Catalog } from '../puppet/catalogs/catalog.ts';
import type { CompileRequest, EnvironmentDescription, Finding } from '../puppet/catalogs/compilation.ts';
import { type FileLookUp, filesDigest, type MissingFile } from '../puppet/catalogs/files-digest.ts';
import type { ReadTree } from '../puppet/environment/read-tree.ts';
import { type Distribution, distributionOf } from '../puppet/facts/distribution.ts';
import { pinnedFacts } from '../puppet/facts/pinned-facts.ts';
import { placeText } from '../puppet/report/place.ts';
import type { NodeInputs } from './digest.ts';
import type { JudgedCatalog, NodeCatalogs } from './node-catalogs.ts';
import type { Failure } from './reason.ts';
import { compileRequestOf, otherPuppet, packInputsOf, type Revision } from './revision.ts';

/** A node of a revision, with all that decides its image. */
export interface JudgedNode {
  node: Node;
  /** With any of these there are no inputs. */
  failures: Failure[];
  findings: Finding[];
  inputs?: NodeInputs;
  /** Hash of the pack without its facts; only with inputs. */
  template?: string;
  /** The source image's id, if EC2 was asked. */
  sourceAmi?: string;
  /** Each file that the catalog names, with its id. */
  files: readonly (readonly [address: string, id: string])[];
  /** Another Puppet on the image, Puppet's warnings, and files that are not there. */
  warnings: string[];
  request: CompileRequest;
  /** Only if it was compiled just now. */
  catalog?: Catalog;
}

/** A revision, its nodes as in nodes.yaml. */
export interface JudgedRevision {
  nodes: JudgedNode[];
  manifests: ReadTree;
  /** What pluginsync brings, with the hash of each file. */
  pluginFiles: Record<string, string>;
}

/** Where a bake starts: the image's id as EC2 has it, or what nodes.yaml says; `name` names the distribution. */
export interface Source {
  id: string;
  name: string;
}

/** Names the source image that a pack asks for, or says why there is none. */
export type FindSource = (
  query: Exclude<SourceQuery, { unknown: string }>,
) => Promise<Source | { why: string }>;

/** What judging a revision needs. */
export interface JudgeDeps {
  tag: PackSettings['tag'];
  /** Of the Puppet that compiles. */
  puppetVersion: string;
  catalogs: NodeCatalogs;
  readTree: (folder: string) => Promise<ReadTree>;
  source: FindSource;
}

/**
 * Finds out all that decides the images of a revision's nodes.
 * @throws with exit code 2 what is wrong with the files, 4 when Puppet or EC2 is not available.
 */
export async function judgeRevision(revision: Revision, deps: JudgeDeps): Promise<JudgedRevision> {
  const manifests = await deps.readTree(revision.manifests);
  const packs = await packInputsOf(revision, deps.tag);
  const sources = await Promise.all(packs.map(({ source }) => sourceOf(source, deps)));
  const names = revision.nodes.map(({ name }) => name);
  const pinned = await pinnedFacts(revision.facts, names);
  const known = packs.map(({ source }, index) => distributionOfSource(source, sources[index]));
  const requests = revision.nodes.map((node, index) =>
    compileRequestOf(node, pinned.get(node.name), known[index], deps.puppetVersion),
  );
  const { judged, environment, lookUp } = await deps.catalogs(revision.manifests, manifests.tree, requests);
  const nodes = revision.nodes.map((node, index): JudgedNode => {
    const [pack, source, catalog, request] = [packs[index], sources[index], judged[index], requests[index]];
    if (pack === undefined || source === undefined || catalog === undefined || request === undefined)
      throw new Error(`${node.name} was not judged`);
    const isKnown = pinned.has(node.name) || known[index] !== undefined;
    const findings = [...pack.findings, ...(isKnown ? [] : [unknownDistribution(node, source)])];
    const other = otherPuppet(node, pinned.get(node.name), known[index], deps.puppetVersion);
    const said = other === undefined ? [] : [other];
    return judgedNodeOf(node, { pack, source, catalog, request, findings, said }, environment, lookUp);
  });
  return { nodes, manifests, pluginFiles: environment.pluginFiles };
}

/** What was found out about a node. */
interface Found {
  pack: PackInputs;
  source: Source | { why: string };
  catalog: JudgedCatalog;
  request: CompileRequest;
  findings: Finding[];
  /** Warnings so far. */
  said: string[];
}

function judgedNodeOf(
  node: Node,
  { pack, source, catalog, request, findings, said }: Found,
  { plugins }: EnvironmentDescription,
  lookUp: FileLookUp,
): JudgedNode {
  const failures: Failure[] = [
    ...('problem' in catalog ? [{ kind: 'not-compiled', problem: catalog.problem } as const] : []),
    ...('why' in source ? [{ kind: 'no-source', why: source.why } as const] : []),
  ];
  if ('problem' in catalog || 'why' in source)
    return { node, request, failures, findings, files: [], warnings: said };
  const { summary } = catalog;
  const { digest: files, files: ids, missing } = filesDigest(summary.named, lookUp);
  const { pack: packDigest, scripts, puppet } = pack;
  return {
    node,
    request,
    failures,
    findings: [...findings, ...summary.findings],
    inputs: {
      ...{ catalog: summary.digest, files, plugins, pack: packDigest, scripts },
      ...(puppet === undefined ? {} : { puppet }),
      source: source.id,
    },
    template: pack.template,
    ...(source.id.startsWith('ami-') ? { sourceAmi: source.id } : {}),
    files: ids,
    warnings: [...said, ...summary.warnings, ...missing.map(missingText)],
    ...(catalog.catalog === undefined ? {} : { catalog: catalog.catalog }),
  };
}

function missingText({ resource, addresses, ...where }: MissingFile): string {
  const place = placeText(where);
  return `${resource} names ${addresses.join(', ')}, which is not there${place === '' ? '' : ` (${place})`}`;
}

/** An unknown source is a finding of the pack's already, and no reason to fail. */
async function sourceOf(query: SourceQuery, deps: JudgeDeps): Promise<Source | { why: string }> {
  return 'unknown' in query ? { id: 'unknown', name: '' } : deps.source(query);
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

/** A source image as nodes.yaml names it, where EC2 is not asked which one that is. */
export const offlineSource: FindSource = (query) => {
  if ('id' in query) return Promise.resolve({ id: query.id, name: '' });
  const { name = '', ...others } = query.filters;
  const more = Object.entries(others)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${key}=${value}`);
  return Promise.resolve({ id: `${name}:${query.owners.join(',')}${more.join('')}`, name });
};
