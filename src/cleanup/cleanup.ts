import { showWork, watched } from '../cli/progress.ts';
import { reportsAdvice } from '../cli/shared-flags.ts';
import { join } from 'node:path';
import { type Cleanup, cleanUpImages } from './clean-up-images.ts';
import {
  checkCleanupFlags,
  type CleanupFlags,
  cleanupSettings,
  ignoredKinds,
  otherRegions,
} from './settings.ts';
import { cleanupData, cleanupResult } from './cleanup-report.ts';
import type { LeftoversFlags } from './clean-up-leftovers.ts';
import { readCleanupPlan } from './earlier-plan.ts';
import { writeJsonFile } from '../lib/json-file.ts';
import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import { asRunId } from '../cli/run-id.ts';
import type { StageMain } from '../cli/run-stage.ts';

interface AllCleanupFlags extends CleanupFlags, Omit<LeftoversFlags, 'finished' | 'node'> {
  nodes: string;
  verbose: boolean;
}

/** The stage cleanup: deletes old images, or with --leaks what ended runs left. */
export const cleanup: StageMain<AllCleanupFlags> = async (given, { say, signal }) => {
  const flags = { ...given, finished: given.finished.map(asRunId) };
  checkCleanupFlags(flags);
  // All nodes, also those that --node leaves out: they must not count as gone from nodes.yaml.
  const nodes = await loadNodes(flags.nodes, [], say);
  // With --gone and --leaks, --node may also name a node that is gone from nodes.yaml.
  if (!flags.gone && !flags.leaks) selectNodes(nodes, flags.node, flags.nodes);
  try {
    // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
    const options = {
      ignore: ignoredKinds(flags),
      allTemplateVersions: flags['all-template-versions'],
      accounts: new Map(nodes.map(({ name, promote }) => [name, promote.accounts])),
      promotedTemplates: nodes.flatMap(({ promote }) => promote.launchTemplate ?? []),
    };
    if (flags.leaks) {
      const { cleanUpLeftovers } = await import('./clean-up-leftovers.ts');
      return await cleanUpLeftovers(flags, options, signal);
    }
    const { cleanupAccount } = await import('./cleanup-account.ts');
    const account = await cleanupAccount(options, say);
    const others = [...otherRegions(account.region, nodes, flags.regions)].map(([region, promoted]) => ({
      region,
      nodes: promoted,
      connect: () => cleanupAccount(options, () => undefined, { region, account: account.account }),
    }));
    const scope = { ...account, nowMs: account.now().getTime(), staleOk: flags['stale-ok'] };
    const planFile = flags['cleanup-plan'];
    const plan = planFile === undefined ? undefined : await readCleanupPlan(planFile, scope);
    const keep = new Map(nodes.map((node) => [node.name, node.keep]));
    const record = (known: Cleanup) =>
      writeJsonFile(join(flags.reports, 'cleanup.json'), cleanupData(known), reportsAdvice);
    const work = showWork('cleanup', watched());
    const onStep = (region: string, done: number, of: number) => {
      work.portion(`deleting in ${region}`, { done, of });
    };
    const settings = cleanupSettings(flags, keep, plan, signal);
    try {
      return cleanupResult(await cleanUpImages(settings, { ...account, others, record, onStep }));
    } finally {
      await work.end();
    }
  } finally {
    if (flags.verbose) {
      const { callCounts, callLines } = await import('../aws/connect.ts');
      for (const line of callLines(callCounts())) say(line);
    }
  }
};
