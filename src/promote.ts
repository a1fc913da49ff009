import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, reports, archive, json, help } = sharedFlags;

export const promoteCommand = {
  name: 'promote',
  summary:
    "puts each node's newest verified image into service: copies in its regions, launch permissions, parameter and launch template",
  example: 'bakehouse promote --node redis --apply',
  cleaningUp: 'no pointer is moved any more; one that is being moved is moved in all regions first',
  flags: {
    nodes,
    node,
    plan: { kind: 'text', value: 'FILE', help: 'only the nodes that this plan (plan.json) bakes' },
    image: {
      kind: 'text',
      value: 'AMI',
      help: "this image instead of its node's newest verified one; its id in the account's own region",
    },
    rollback: {
      kind: 'switch',
      help: 'put the image that was current before back into service, in all regions; needs --node',
    },
    revoke: {
      kind: 'text',
      value: 'AMI',
      help: 'take this image out of service, with its copies and every image baked from it; needs --reason',
    },
    reason: { kind: 'text', value: 'TEXT', help: 'with --revoke: why; it stands in a tag of the images' },
    reports,
    archive,
    apply: { kind: 'switch', help: 'do it; without it promote only says what it would do' },
    force: {
      kind: 'switch',
      help: 'also move a parameter or launch template that names an image which is none of the node, set by hand',
    },
    'copy-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: 'longest wait for the copies; a later run goes on with them',
      default: '1h',
    },
    verbose: { kind: 'switch', help: 'print the number of API calls' },
    json,
    help,
  },
} as const;

/** Runs promote as this process; its code is loaded once the flags are right. */
export const runPromote = (argv: readonly string[]) =>
  runStage(promoteCommand, argv, async (flags, io) =>
    (await import('./promote/promote.ts')).promote(flags, io),
  );

if (isMain(import.meta.url)) await runPromote(process.argv.slice(2));
