import type { withCheckout } from '../puppet/environment/checkout.ts';
import { differenceLines } from '../puppet/catalogs/difference-lines.ts';
import type { Redact } from '../puppet/secrets.ts';
import { compareSides, type NodeChange } from './compare-sides.ts';
import type { Compile } from './judge-catalogs.ts';
import { judgeSide, type JudgedSide, type JudgeWorld } from './judge-side.ts';
import { sideAt } from './old-side.ts';
import type { Side } from './side.ts';
import { withCatalogs } from './with-catalogs.ts';

/** What looking at older commits needs of the world. */
export interface OldWorld extends JudgeWorld {
  compile: Compile;
  withCheckout: typeof withCheckout;
  signal: AbortSignal;
  redact: Redact;
}

/** How a node differs from what it was at a commit, or why that cannot be told. */
export type OldChange = NodeChange | { node: string; untold: string };

/**
 * How nodes differ from what they were at a commit, with their catalogs; a commit that is not there, or not readable, is
 * an answer, too.
 */
export async function changesSince(
  commit: string,
  names: ReadonlySet<string>,
  side: Side,
  now: JudgedSide,
  world: OldWorld,
): Promise<OldChange[]> {
  const some = { ...side, nodes: side.nodes.filter(({ name }) => names.has(name)) };
  try {
    return await world.withCheckout(
      side.manifests,
      commit,
      async (checkout) => {
        const old = await sideAt(some, checkout);
        const before = await withCatalogs(await judgeSide(old, world), old.manifests, names, world.compile);
        const after = await withCatalogs(now, side.manifests, names, world.compile);
        const chosen = { ...after, nodes: after.nodes.filter(({ node }) => names.has(node.name)) };
        return compareSides(before, chosen);
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
export function changeLines(change: OldChange, commit: string, redact: Redact, max = 10): string[] {
  if ('untold' in change) return [`not compared with ${short(commit)}: ${change.untold}`];
  const { catalog = [], files } = change;
  const lines = [...differenceLines(catalog, redact, max), ...files.map((name) => `${name} differs`)];
  if (lines.length === 0) return [`no difference from ${short(commit)} can be shown`];
  return lines.length <= max ? lines : [...lines.slice(0, max - 1), `and ${lines.length - max + 1} more`];
}

function short(commit: string): string {
  return /^[0-9a-f]{40,}$/.test(commit) ? `commit ${commit.slice(0, 12)}` : `commit '${commit}'`;
}
