import { type StageMain, untilAborted } from '../cli/run-stage.ts';
import { gatherOverview, type OverviewFlags } from '../overview/gather-overview.ts';
import { statusResult } from './status-result.ts';

interface StatusFlags extends OverviewFlags {
  verbose: boolean;
  json: boolean;
}

/** The command status: all nodes on one screen. It changes nothing. */
export const status: StageMain<StatusFlags> = async (flags, { say, signal }) => {
  try {
    // The table shows nothing of the archive; differences of contents are for programs.
    const use = flags.json ? { images: 0 } : undefined;
    return statusResult(await untilAborted(signal, gatherOverview(flags, use, say)));
  } finally {
    if (flags.verbose) {
      const { callCounts, callLines } = await import('../aws/connect.ts');
      for (const line of callLines(callCounts())) say(line);
    }
  }
};
