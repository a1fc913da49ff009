import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, manifests, template, reports, archive, json, help } = sharedFlags;

export const planCommand = {
  name: 'plan',
  summary:
    'decides which nodes to bake, and says why: a changed catalog, pack, script or source image, or no verified image',
  example: 'bakehouse plan --manifests ../puppet && bakehouse generate --plan plan.json',
  flags: {
    nodes,
    node,
    manifests,
    template,
    facts: {
      kind: 'text',
      value: 'DIR',
      help: "folder with the facts of each node's servers: <node>.yaml",
      default: 'facts',
    },
    offline: { kind: 'switch', help: 'do not ask EC2: digests only, no comparison with images' },
    since: {
      kind: 'text',
      value: 'REV',
      help: 'do not ask EC2: compare with the manifests at this commit',
    },
    force: { kind: 'switch', help: 'bake all nodes, or those of --node, also when nothing has changed' },
    out: { kind: 'text', value: 'FILE', help: 'file to write the plan to', default: 'plan.json' },
    diff: { kind: 'text', value: 'NODE', help: "show how this node's catalog differs" },
    markdown: { kind: 'switch', help: 'with --diff or --since: print Markdown, for a comment' },
    cache: {
      kind: 'text',
      value: 'DIR',
      help: 'cache of earlier runs; safe to delete at any time (default: ~/.cache/bakehouse)',
    },
    'compile-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: "longest time to compile one node's catalog",
      default: '60s',
    },
    puppet: {
      kind: 'text',
      value: 'PROGRAM',
      help: 'the program puppet that compiles (default: the one of the package)',
    },
    parallel: {
      kind: 'count',
      value: 'N',
      help: 'Ruby processes at the same time (default: the number of CPU cores)',
    },
    reports,
    archive,
    json,
    help,
  },
} as const;

/** Runs plan as this process; its code is loaded once the flags are right. */
export const runPlan = (argv: readonly string[]) =>
  runStage(planCommand, argv, async (flags, io) => (await import('./plan/plan.ts')).plan(flags, io));

if (isMain(import.meta.url)) await runPlan(process.argv.slice(2));
