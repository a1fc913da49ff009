import { showWork, watched } from '../cli/progress.ts';
import { assertThere, openArchive } from '../contents/open-archive.ts';
import { loadNodes } from '../nodes/load-nodes.ts';
import { planToShow } from './last-records.ts';
import type { Overview } from './overview.ts';
import { readOverview } from './read-overview.ts';

/** The flags that say what an overview is of. */
export interface OverviewFlags {
  nodes: string;
  node: readonly string[];
  reports: string;
  archive: string | undefined;
  plan: string | undefined;
}

/** How much of the archive is read. */
export interface ArchiveUse {
  /** Of how many of a node's images, from the newest, the records of their bakes are read. */
  images: number;
}

/**
 * Reads the overview that the flags of report and status ask for.
 * @param use undefined: nothing of the archive is read
 * @throws StageError (exit 2) for wrong flags or files, (exit 4) when the account's own region does not say which images there are
 */
export async function gatherOverview(
  flags: OverviewFlags,
  use: ArchiveUse | undefined,
  say: (line: string) => void,
): Promise<Overview> {
  const nodes = await loadNodes(flags.nodes, flags.node, say);
  if (use !== undefined) await assertThere(flags.archive, flags.reports);
  const archive = use === undefined ? undefined : await openArchive(flags.archive, flags.reports);
  // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
  const { overviewAccount } = await import('./overview-account.ts');
  const account = await overviewAccount(nodes);
  const unread: string[] = [];
  const plan = await planToShow(flags.plan, account.region, (problem) => unread.push(problem));
  const work = showWork('archive', watched());
  const onRead = (done: number, of: number) => {
    work.portion('reading what is kept of the images of nodes', { done, of });
  };
  const reader = use === undefined || archive === undefined ? undefined : { archive, ...use, onRead };
  const overview = await readOverview(
    { ...{ nodes, reports: flags.reports, plan }, archive: reader },
    account,
  ).finally(() => work.end());
  return { ...overview, problems: [...overview.problems, ...unread] };
}
