import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, json, help } = sharedFlags;

export const deployCommand = {
  name: 'deploy',
  summary:
    "writes facts of a node into its file of facts_from, so that plan bakes it; the commit is the team's",
  example: 'bakehouse deploy --node web --fact version=1.4.2',
  flags: {
    nodes,
    node: { ...node, help: 'the node that is deployed' },
    fact: {
      kind: 'texts',
      value: 'NAME=VALUE',
      help: 'a fact and its new value (repeatable): one line, without $(, ${, {{ and backticks',
    },
    file: {
      kind: 'text',
      value: 'FILE',
      help: 'which file, as facts_from names it (default: the only one)',
    },
    json,
    help,
  },
} as const;

/** Runs deploy as this process; its code is loaded once the flags are right. */
export const runDeploy = (argv: readonly string[]) =>
  runStage(deployCommand, argv, async (flags, io) => (await import('./deploy/deploy.ts')).deploy(flags, io));

if (isMain(import.meta.url)) await runDeploy(process.argv.slice(2));
