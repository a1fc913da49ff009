import { compareSides, type NodeChange } from './compare-sides.ts';
import type { OldWorld } from './explain.ts';
import { judgeSide, type JudgedSide } from './judge-side.ts';
import { sideAt } from './old-side.ts';
import type { Side } from './side.ts';
import { withCatalogs } from './with-catalogs.ts';

/** What two commits, or a commit and the files as they are now, make of each node. */
export interface Comparison {
  /** The older commit, 40 hexadecimal digits. */
  commit: string;
  changes: NodeChange[];
  judged: JudgedSide;
  /** What git does not keep and was taken as it is now, on both sides. */
  borrowed: string[];
}

/**
 * Compares the side with what it was at a commit, without EC2.
 * @param oldNodes the nodes that the commit had, by a file of then; they are asked for once the commit is there
 * @throws CheckoutError (exit code 2) when git has no such commit
 */
export async function compareSince(
  rev: string,
  side: Side,
  oldNodes: (at: (path: string) => string) => Promise<Pick<Side, 'nodes' | 'optional'>>,
  world: OldWorld,
): Promise<Comparison> {
  const now = await judgeSide(side, world);
  return world.withCheckout(
    side.manifests,
    rev,
    async ({ commit, at, borrowed }) => {
      const old = await sideAt({ ...side, ...(await oldNodes(at)) }, { at });
      const before = await judgeSide(old, world);
      const differ = new Set(
        compareSides(before, now)
          .filter(({ causes }) => causes.includes('catalog'))
          .map(({ node }) => node),
      );
      const changes = compareSides(
        await withCatalogs(before, old.manifests, differ, world.compile),
        await withCatalogs(now, side.manifests, differ, world.compile),
      );
      return { commit, changes, judged: now, borrowed };
    },
    { signal: world.signal },
  );
}
