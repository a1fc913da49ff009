import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags, shownPlan } from './cli/shared-flags.ts';

const { nodes, node, reports, archive, json, help } = sharedFlags;

export const statusCommand = {
  name: 'status',
  summary:
    'a line for each node: its newest image, whether that is verified, what is in service in each region, how much uses its images, what plan decided',
  example: 'bakehouse status --node redis',
  cleaningUp: 'ending',
  flags: {
    nodes,
    node,
    plan: shownPlan,
    reports,
    archive: { ...archive, help: `with --json: ${archive.help}` },
    verbose: { kind: 'switch', help: 'print the number of API calls' },
    json,
    help,
  },
} as const;

/** Runs status as this process; its code is loaded once the flags are right. */
export const runStatus = (argv: readonly string[]) =>
  runStage(statusCommand, argv, async (flags, io) => (await import('./status/status.ts')).status(flags, io));

if (isMain(import.meta.url)) await runStatus(process.argv.slice(2));
