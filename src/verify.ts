import { isMain, runStage } from './cli/run-stage.ts';
import { certificateFlags, plannedOnly, sharedFlags } from './cli/shared-flags.ts';

const { nodes, node, manifests, reports, archive, json, help } = sharedFlags;

export const verifyCommand = {
  name: 'verify',
  summary: 'checks what Puppet did in each bake, writes it as JUnit, and tags the verified images',
  example: 'bakehouse verify --node redis',
  flags: {
    nodes,
    node,
    plan: { ...plannedOnly, help: 'only the nodes that this plan (plan.json) bakes' },
    reports,
    archive,
    secret: {
      kind: 'patterns',
      value: 'PATTERN',
      help: 'regular expression (repeatable): show what it matches as [secret]; passwords, tokens and keys always are',
    },
    boot: { kind: 'switch', help: 'also launch two servers of each image and check them' },
    manifests,
    provision: {
      kind: 'text',
      value: 'DIR',
      help: "folder of the provisioning scripts, for --boot's Puppet run",
      default: 'templates/provision',
      packaged: true,
    },
    parallel: { kind: 'count', value: 'N', help: 'images booted at the same time', default: '2' },
    'boot-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: "longest wait for a server's ssh to answer",
      default: '10m',
    },
    ...certificateFlags,
    json,
    help,
  },
} as const;

/** Runs verify as this process; its code is loaded once the flags are right. */
export const runVerify = (argv: readonly string[]) =>
  runStage(verifyCommand, argv, async (flags, io) => (await import('./verify/verify.ts')).verify(flags, io));

if (isMain(import.meta.url)) await runVerify(process.argv.slice(2));
