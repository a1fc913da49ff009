import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { json, help } = sharedFlags;

export const upgradeCommand = {
  name: 'upgrade',
  summary:
    'shows what this package changed in the files that init wrote, and merges it into yours; writes nothing without --apply',
  example: 'bakehouse upgrade --apply',
  cleaningUp: 'ending; what was written stays, and upgrade goes on from there',
  flags: {
    apply: { kind: 'switch', help: 'write the merged files; conflicts stay marked (then exit code 3)' },
    json,
    help,
  },
} as const;

/** Runs upgrade as this process; its code is loaded once the flags are right. */
export const runUpgrade = (argv: readonly string[]) =>
  runStage(upgradeCommand, argv, async (flags, io) =>
    (await import('./upgrade/upgrade.ts')).upgrade(flags, io),
  );

if (isMain(import.meta.url)) await runUpgrade(process.argv.slice(2));
