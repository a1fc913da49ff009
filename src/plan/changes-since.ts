import type { Node } from '../nodes/node.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import type { Checkout, withCheckout } from '../puppet/environment/checkout.ts';
import { compareRevisions, type NodeChange } from './compare-revisions.ts';
import { type JudgedNode, type JudgedRevision, judgeRevision, type JudgeDeps } from './judge-revision.ts';
import { compileAll, type Compile } from './node-catalogs.ts';
import { type Revision, revisionAt } from './revision.ts';

/** What comparing with older commits needs. */
export interface CompareDeps extends JudgeDeps {
  compile: Compile;
  withCheckout: typeof withCheckout;
  /** The nodes as nodes.yaml of a checkout has them; none where it cannot be read. Absent: as they are now. */
  nodesOf?: (at: Checkout['at']) => Promise<readonly Node[]>;
  signal: AbortSignal;
}

/** A revision with what was found out about it. */
export interface Judged {
  revision: Revision;
  judged: JudgedRevision;
}

/** What two commits, or a commit and the files as they are now, make of each node. */
export interface Comparison {
  /** The older commit, 40 hexadecimal digits. */
  commit: string;
  changes: NodeChange[];
  judged: JudgedRevision;
  /** What git does not keep: both revisions have it as it is now. */
  borrowed: string[];
}

/**
 * Compares a revision with what it was at a commit, without EC2.
 * @param oldNodes reads the nodes that the commit had
 * @throws CheckoutError (exit code 2) when git has no such commit
 */
export async function compareSince(
  rev: string,
  revision: Revision,
  oldNodes: (at: Checkout['at']) => Promise<Pick<Revision, 'nodes' | 'optional'>>,
  deps: CompareDeps,
): Promise<Comparison> {
  const now = { revision, judged: await judgeRevision(revision, deps) };
  return deps.withCheckout(
    revision.manifests,
    rev,
    async ({ commit, at, borrowed }) => {
      const old = await revisionAt({ ...revision, ...(await oldNodes(at)) }, { at });
      const before = { revision: old, judged: await judgeRevision(old, deps) };
      const changes = await compareWithCatalogs(before, now, deps.compile);
      return { commit, changes, judged: now.judged, borrowed };
    },
    { signal: deps.signal },
  );
}

/** How a node differs from what it was at a commit, or why it was not compared. */
export type ChangeSince = NodeChange | { node: string; notCompared: string };

/** Compares some nodes with what they were at a commit. A commit that is missing or unreadable is an answer, too. */
export function changesSince(
  commit: string,
  names: ReadonlySet<string>,
  now: Judged,
  deps: CompareDeps,
): Promise<ChangeSince[]> {
  return withOlder(commit, names, now.revision, deps, (before) => changesOfOlder(before, now, deps.compile));
}

/** Uses some nodes of a revision as a commit had their files and facts. Where that is not possible, each of them says why. */
export async function withOlder(
  commit: string,
  names: ReadonlySet<string>,
  revision: Revision,
  deps: CompareDeps,
  use: (before: Judged) => Promise<NodeChange[]>,
): Promise<ChangeSince[]> {
  const some = { ...revision, nodes: revision.nodes.filter(({ name }) => names.has(name)) };
  try {
    return await deps.withCheckout(
      revision.manifests,
      commit,
      async (checkout) => {
        const then = new Map((await deps.nodesOf?.(checkout.at))?.map(({ name, facts }) => [name, facts]));
        const nodes = some.nodes.map((node) => ({ ...node, facts: then.get(node.name) ?? node.facts }));
        const old = await revisionAt({ ...some, nodes }, checkout);
        return use({ revision: old, judged: await judgeRevision(old, deps) });
      },
      { signal: deps.signal },
    );
  } catch (error) {
    deps.signal.throwIfAborted();
    if (exitCodeOf(error) === exitCode.bug) throw error;
    return [...names].map((node) => ({ node, notCompared: (error as Error).message }));
  }
}

/** Compares the nodes of an older revision with the same ones of now. */
export function changesOfOlder(before: Judged, now: Judged, compile: Compile): Promise<NodeChange[]> {
  const names = new Set(before.judged.nodes.map(({ node }) => node.name));
  const nodes = now.judged.nodes.filter(({ node }) => names.has(node.name));
  return compareWithCatalogs(before, { ...now, judged: { ...now.judged, nodes } }, compile);
}

/** Compares two revisions; catalogs that were only remembered are compiled where they differ. */
async function compareWithCatalogs(before: Judged, after: Judged, compile: Compile): Promise<NodeChange[]> {
  const changes = compareRevisions(before.judged, after.judged);
  const differ = new Set(changes.filter(({ causes }) => causes.includes('catalog')).map(({ node }) => node));
  return compareRevisions(
    await withCatalogs(before, differ, compile),
    await withCatalogs(after, differ, compile),
  );
}

/** The revision with the catalogs of the named nodes. */
async function withCatalogs(
  { revision, judged }: Judged,
  names: ReadonlySet<string>,
  compile: Compile,
): Promise<JudgedRevision> {
  const lacking = judged.nodes.filter(
    ({ node, inputs, catalog }) => names.has(node.name) && inputs !== undefined && catalog === undefined,
  );
  if (lacking.length === 0) return judged;
  const requests = lacking.map(({ request }) => request);
  const { compilations } = await compileAll(revision.manifests, requests, compile);
  const catalogs = new Map(compilations.map((one) => [one.node, 'catalog' in one ? one.catalog : undefined]));
  const nodes = judged.nodes.map((one): JudgedNode => {
    const catalog = catalogs.get(one.node.name);
    return catalog === undefined ? one : { ...one, catalog };
  });
  return { ...judged, nodes };
}
