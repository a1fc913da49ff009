import { type CatalogDifference, compareCatalogs } from '../puppet/catalogs/compare-catalogs.ts';
import { inputNames, type NodeInputs } from './digest.ts';
import type { JudgedNode, JudgedRevision } from './judge-revision.ts';
import { changeOfPack, type PackChange } from './pack-change.ts';
import type { Failure } from './reason.ts';

/** How a node changed from one revision to a later one. */
export interface NodeChange {
  node: string;
  status: 'unchanged' | 'changed' | 'added' | 'removed' | 'failed';
  /** Why the later revision has no inputs for it. */
  failures: Failure[];
  /** Which inputs differ; none where one of the revisions has no inputs. */
  causes: (keyof NodeInputs)[];
  /** What of the pack differs, where it does. */
  pack?: PackChange;
  /** How the catalogs differ; undefined where one of them is missing. */
  catalog?: CatalogDifference[];
  /** Files that differ, come or go: `puppet:///modules/web/index.html`, `redis/lib/facter/x.rb`. */
  files: string[];
}

/** What of a revision counts for a comparison. */
type Compared = Pick<JudgedRevision, 'pluginFiles'> & { nodes: readonly JudgedNode[] };

/** Compares each node of either revision: those of the later one as it lists them, then the removed ones. */
export function compareRevisions(before: Compared, after: Compared): NodeChange[] {
  const old = new Map(before.nodes.map((one) => [one.node.name, one]));
  const names = new Set(after.nodes.map(({ node }) => node.name));
  const gone = before.nodes.filter(({ node }) => !names.has(node.name));
  const plugins = differing(Object.entries(before.pluginFiles), Object.entries(after.pluginFiles));
  return [
    ...after.nodes.map((node) => changeOf(old.get(node.node.name), node, plugins)),
    ...gone.map(({ node }): NodeChange => ({ ...nothing, node: node.name, status: 'removed' })),
  ];
}

const nothing = { failures: [], causes: [], files: [] };

/** How one node differs. */
function changeOf(was: JudgedNode | undefined, is: JudgedNode, plugins: readonly string[]): NodeChange {
  const node = is.node.name;
  if (is.inputs === undefined) return { ...nothing, node, status: 'failed', failures: is.failures };
  if (was === undefined) return { ...nothing, node, status: 'added' };
  if (was.inputs === undefined) return { ...nothing, node, status: 'changed' };
  const { inputs: now } = is;
  const { inputs: then } = was;
  const causes = inputNames.filter((name) => then[name] !== now[name]);
  const files = [
    ...(causes.includes('files') ? differing(was.files, is.files) : []),
    ...(causes.includes('plugins') ? plugins : []),
  ];
  return {
    node,
    status: causes.length === 0 ? 'unchanged' : 'changed',
    failures: [],
    causes,
    ...(causes.includes('pack') ? { pack: changeOfPack(partsOf(was), partsOf(is)) } : {}),
    ...(causes.includes('catalog') && was.catalog !== undefined && is.catalog !== undefined
      ? { catalog: compareCatalogs(was.catalog, is.catalog) }
      : {}),
    files,
  };
}

function partsOf({ node, template = '' }: JudgedNode) {
  return { template, facts: node.facts };
}

type Ids = readonly (readonly [name: string, id: string])[];

function differing(before: Ids, after: Ids): string[] {
  const [was, is] = [new Map(before), new Map(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name)).sort();
}
