import { join } from 'node:path';
import { type Result, type StageMain, untilAborted } from '../cli/run-stage.ts';
import { exitCode } from '../lib/errors.ts';
import { gatherOverview, type OverviewFlags } from '../overview/gather-overview.ts';
import { pagesOf } from './pages.ts';
import { writeSite } from './write-site.ts';

interface ReportFlags extends OverviewFlags {
  out: string;
}

/** Of so many of a node's images the records of their bakes are drawn. */
const drawnImages = 20;

/** The command report: all nodes and their images as pages for a browser. It changes nothing in the account. */
export const report: StageMain<ReportFlags> = async (flags, { say, signal }) => {
  const overview = await untilAborted(signal, gatherOverview(flags, { images: drawnImages }, say));
  const pages = pagesOf(overview);
  const removed = await writeSite(flags.out, pages, { keepsOthers: flags.node.length > 0 });
  const bytes = [...pages.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return reportResult({
    ...{ out: flags.out, files: [...pages.keys()], removed, bytes, problems: overview.problems },
  });
};

interface WrittenSite {
  out: string;
  files: string[];
  removed: string[];
  bytes: number;
  problems: string[];
}

/** Exit code 4 when something could not be read: the pages then say so, too. */
function reportResult({ out, files, removed, bytes, problems }: WrittenSite): Result {
  const rows = [
    ['pages', String(files.filter((name) => name.endsWith('.html')).length)],
    ['size', `${Math.ceil(bytes / 1000)} kB`],
    ['begin with', join(out, 'index.html')],
  ];
  const gone = removed.length === 0 ? [] : [`removed, since their nodes are no more: ${removed.join(', ')}`];
  return {
    exitCode: problems.length > 0 ? exitCode.unavailable : exitCode.done,
    json: { schema: 1, out, files, removed, bytes, problems },
    table: { head: ['what', 'written'], rows },
    closing: [...gone, ...problems],
  };
}
