import { type Cleanup, cleanUp } from './clean-up.ts';
import { checkFlags, cleanupOrder, ignoredKinds } from './cleanup-order.ts';
import { cleanupData, cleanupResult } from './cleanup-result.ts';
import { readPlan } from './cleanup-file.ts';
import { writeReport } from '../lib/report-file.ts';
import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import { asRunId } from '../cli/run-id.ts';
import type { cleanupCommand } from '../cleanup.ts';
import type { StageMain } from '../cli/run-stage.ts';

export const cleanup: StageMain<typeof cleanupCommand> = async (given, { say, signal }) => {
  const flags = { ...given, finished: given.finished.map(asRunId) };
  checkFlags(flags);
  // All, whatever is chosen: a node that was not named must not look like one that nodes.yaml does not have.
  const nodes = await loadNodes(flags.nodes, [], say);
  // One that has left nodes.yaml can be named, too, when it is to go, or what it left.
  if (!flags.gone && !flags.leaks) selectNodes(nodes, flags.node, flags.nodes);
  try {
    // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
    const options = { ignore: ignoredKinds(flags), allTemplateVersions: flags['all-template-versions'] };
    if (flags.leaks) {
      const { cleanUpLeftovers } = await import('./clean-up-leftovers.ts');
      return await cleanUpLeftovers(flags, options, signal);
    }
    const { cleanupAccount } = await import('./cleanup-account.ts');
    const account = await cleanupAccount(options, say);
    const place = { ...account, nowMs: account.now().getTime(), staleOk: flags['stale-ok'] };
    const planFile = flags['cleanup-plan'];
    const plan = planFile === undefined ? undefined : await readPlan(planFile, place);
    const keep = new Map(nodes.map((node) => [node.name, node.keep]));
    const record = (known: Cleanup) => writeReport(flags.reports, 'cleanup.json', cleanupData(known));
    return cleanupResult(await cleanUp(cleanupOrder(flags, keep, plan, signal), { ...account, record }));
  } finally {
    if (flags.verbose) {
      const { callCounts, callLines } = await import('../aws/connect.ts');
      for (const line of callLines(callCounts())) say(line);
    }
  }
};
