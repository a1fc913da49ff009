import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, reports, archive, json, help } = sharedFlags;

export const contentsCommand = {
  name: 'contents',
  summary:
    "what changed in each node's newest image against the one promoted last, or between any two; or what is in an image: packages, services, ports, users, setuid files",
  example: 'bakehouse contents --node redis && bakehouse contents --diff ami-1 ami-2',
  cleaningUp: 'ending',
  flags: {
    nodes,
    node,
    diff: {
      kind: 'pair',
      value: 'AMI AMI',
      help: 'compare these two images, the older first; a contents.json is taken in place of an image',
    },
    image: {
      kind: 'text',
      value: 'AMI',
      help: 'list what is in this image (or in this contents.json)',
    },
    reports,
    archive,
    json,
    help,
  },
} as const;

/** Runs contents as this process; its code is loaded once the flags are right. */
export const runContents = (argv: readonly string[]) =>
  runStage(contentsCommand, argv, async (flags, io) =>
    (await import('./contents/contents.ts')).contents(flags, io),
  );

if (isMain(import.meta.url)) await runContents(process.argv.slice(2));
