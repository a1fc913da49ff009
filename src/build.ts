import { isMain, runStage } from './cli/run-stage.ts';
import { certificateFlags, plannedOnly, sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, manifests, reports, archive, json, help } = sharedFlags;

export const buildCommand = {
  name: 'build',
  summary: "bakes an image of each node: runs Packer with the node's pack and fetches Puppet's report",
  example: 'bakehouse build --node redis --manifests ../puppet',
  cleaningUp:
    'waiting up to 3 min for Packer to terminate its machines; after kill -9 the next build removes them',
  flags: {
    nodes,
    node,
    plan: plannedOnly,
    packs: { kind: 'text', value: 'DIR', help: 'folder of the packs', default: 'packs' },
    manifests,
    parallel: {
      kind: 'count',
      value: 'N',
      help: 'bakes at the same time (default: the number of CPU cores)',
    },
    ...certificateFlags,
    timeout: { kind: 'duration', value: 'TIME', help: 'longest time for one bake', default: '60m' },
    'no-plugin-install': {
      kind: 'switch',
      help: "do not install Packer's amazon plugin when it is missing",
    },
    reports,
    archive,
    json,
    help,
  },
} as const;

/** Runs build as this process; its code is loaded once the flags are right. */
export const runBuild = (argv: readonly string[]) =>
  runStage(buildCommand, argv, async (flags, io) => (await import('./build/build.ts')).build(flags, io));

if (isMain(import.meta.url)) await runBuild(process.argv.slice(2));
