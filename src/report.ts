import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags, shownPlan } from './cli/shared-flags.ts';

const { nodes, node, reports, archive, json, help } = sharedFlags;

export const reportCommand = {
  name: 'report',
  summary:
    'pages for a browser of all nodes: their images, what is in service and in use, what is next, what changed',
  example: 'bakehouse report --out site/',
  cleaningUp: 'ending',
  flags: {
    out: { kind: 'text', value: 'DIR', help: 'folder for the pages', default: 'site' },
    nodes,
    node,
    plan: shownPlan,
    reports,
    archive,
    json,
    help,
  },
} as const;

/** Runs report as this process; its code is loaded once the flags are right. */
export const runReport = (argv: readonly string[]) =>
  runStage(reportCommand, argv, async (flags, io) => (await import('./report/report.ts')).report(flags, io));

if (isMain(import.meta.url)) await runReport(process.argv.slice(2));
