import { isMain, runStage } from './cli/run-stage.ts';
import { plannedOnly, sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, template, json, help } = sharedFlags;

export const generateCommand = {
  name: 'generate',
  summary: 'writes a Packer template (a pack) for each node of nodes.yaml',
  example: 'bakehouse generate --node redis',
  flags: {
    nodes,
    node,
    plan: plannedOnly,
    template,
    out: { kind: 'text', value: 'DIR', help: 'folder to write the packs to', default: 'packs' },
    json,
    help,
  },
} as const;

/** Runs generate as this process; its code is loaded once the flags are right. */
export const runGenerate = (argv: readonly string[]) =>
  runStage(generateCommand, argv, async (flags, io) =>
    (await import('./generate/generate.ts')).generate(flags, io),
  );

if (isMain(import.meta.url)) await runGenerate(process.argv.slice(2));
