import type { withCheckout } from '../puppet/environment/checkout.ts';
import { differenceLines } from '../puppet/catalogs/difference-lines.ts';
import type { Redact } from '../puppet/report/secrets.ts';
import { compareSides, type NodeChange } from './compare-sides.ts';
import type { Compile } from './judge-catalogs.ts';
import { judgeSide, type JudgedSide, type JudgeWorld } from './judge-side.ts';
import { sideAt } from './old-side.ts';
import type { Pair, RememberedLines } from './remembered-lines.ts';
import type { Side } from './side.ts';
import { withCatalogs } from './with-catalogs.ts';

/** What looking at older commits needs of the world. */
export interface OldWorld extends JudgeWorld {
  compile: Compile;
  withCheckout: typeof withCheckout;
  lines: RememberedLines;
  signal: AbortSignal;
  redact: Redact;
}

/** How a node differs from what it was at a commit, or why that cannot be told. */
export type OldChange = NodeChange | { node: string; untold: string };

/**
 * How nodes differ from what they were at a commit, with their catalogs; a commit that is not there, or not readable, is
 * an answer, too.
 */
export function changesSince(
  commit: string,
  names: ReadonlySet<string>,
  side: Side,
  now: JudgedSide,
  world: OldWorld,
): Promise<OldChange[]> {
  return withOld(commit, names, side, world, (before, old) => compared(before, old, now, side, world));
}

/** What {@link changesSince} says of each node in at most ten lines; what was said before is not compiled again. */
export async function linesSince(
  commit: string,
  names: ReadonlySet<string>,
  side: Side,
  now: JudgedSide,
  world: OldWorld,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const changes = await withOld(commit, names, side, world, async (before, old) => {
    const pairs = pairsOf(commit, before, now);
    for (const [node, lines] of await world.lines.find(pairs)) found.set(node, lines);
    const lacking = { ...before, nodes: before.nodes.filter(({ node }) => !found.has(node.name)) };
    const made = await compared(lacking, old, now, side, world);
    await world.lines.store(
      pairs,
      new Map(made.map((change) => [change.node, changeLines(change, commit, world.redact)])),
    );
    return made;
  });
  for (const change of changes) found.set(change.node, changeLines(change, commit, world.redact));
  return found;
}

function pairsOf(commit: string, before: JudgedSide, now: JudgedSide): Pair[] {
  const is = new Map(now.nodes.map(({ node, inputs }) => [node.name, inputs]));
  return before.nodes.flatMap(({ node: { name: node }, inputs }): Pair[] => {
    const after = is.get(node);
    return inputs === undefined || after === undefined ? [] : [{ node, commit, before: inputs, after }];
  });
}

/** How the nodes of the older side differ; catalogs are compiled only where they do. */
async function compared(
  before: JudgedSide,
  old: Side,
  now: JudgedSide,
  side: Side,
  { compile }: OldWorld,
): Promise<NodeChange[]> {
  const names = new Set(before.nodes.map(({ node }) => node.name));
  const chosen = { ...now, nodes: now.nodes.filter(({ node }) => names.has(node.name)) };
  const differ = new Set(
    compareSides(before, chosen)
      .filter(({ causes }) => causes.includes('catalog'))
      .map(({ node }) => node),
  );
  return compareSides(
    await withCatalogs(before, old.manifests, differ, compile),
    await withCatalogs(chosen, side.manifests, differ, compile),
  );
}

/** Uses the named nodes of a side as a commit had them; where that cannot be, each says why. */
async function withOld(
  commit: string,
  names: ReadonlySet<string>,
  side: Side,
  world: OldWorld,
  use: (before: JudgedSide, old: Side) => Promise<NodeChange[]>,
): Promise<OldChange[]> {
  const some = { ...side, nodes: side.nodes.filter(({ name }) => names.has(name)) };
  try {
    return await world.withCheckout(
      side.manifests,
      commit,
      async (checkout) => {
        const old = await sideAt(some, checkout);
        return use(await judgeSide(old, world), old);
      },
      { signal: world.signal },
    );
  } catch (error) {
    world.signal.throwIfAborted();
    const { exitCode } = error as { exitCode?: unknown };
    if (exitCode === undefined) throw error;
    return [...names].map((node) => ({ node, untold: (error as Error).message }));
  }
}

/** At most so many lines of what differs, for the plan's table. */
function changeLines(change: OldChange, commit: string, redact: Redact, max = 10): string[] {
  if ('untold' in change) return [`not compared with ${short(commit)}: ${change.untold}`];
  const { catalog = [], files } = change;
  const lines = [...differenceLines(catalog, redact, max), ...files.map((name) => `${name} differs`)];
  if (lines.length === 0) return [`no difference from ${short(commit)} can be shown`];
  return lines.length <= max ? lines : [...lines.slice(0, max - 1), `and ${lines.length - max + 1} more`];
}

function short(commit: string): string {
  return /^[0-9a-f]{40,}$/.test(commit) ? `commit ${commit.slice(0, 12)}` : `commit '${commit}'`;
}
