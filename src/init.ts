import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { json, help } = sharedFlags;

export const initCommand = {
  name: 'init',
  summary:
    'writes what this repository needs for Bakehouse and does not have: shows each file and asks; overwrites none',
  example: 'bakehouse init --yes --manifests puppet',
  cleaningUp: 'ending; what was written stays, and init goes on from there',
  flags: {
    nodes: { kind: 'text', value: 'FILE', help: 'file with the nodes (default: found in this folder)' },
    manifests: {
      kind: 'text',
      value: 'DIR',
      help: 'Puppet environment (default: found in this folder)',
    },
    skip: { kind: 'texts', value: 'PATH', help: 'without this file or folder (repeatable), such as jobs' },
    yes: { kind: 'switch', help: 'write without asking: for programs, and where there is no terminal' },
    check: {
      kind: 'switch',
      help: "write nothing; say what is missing or older than the package's (then exit code 3)",
    },
    json,
    help,
  },
} as const;

/** Runs init as this process; its code is loaded once the flags are right. */
export const runInit = (argv: readonly string[]) =>
  runStage(initCommand, argv, async (flags, io) => (await import('./init/init.ts')).init(flags, io));

if (isMain(import.meta.url)) await runInit(process.argv.slice(2));
