import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags, snapshotPrice } from './cli/shared-flags.ts';

const { nodes, node, reports, json, help } = sharedFlags;

export const cleanupCommand = {
  name: 'cleanup',
  summary:
    'deletes old images and their snapshots; keeps the newest of each node, and every image in use in its region',
  example: 'bakehouse cleanup --keep 3 --apply',
  flags: {
    nodes,
    node,
    reports,
    keep: {
      kind: 'count',
      value: 'N',
      help: "verified images to keep of each node, and the newest N of all; a node's own `keep` wins",
      default: '5',
    },
    regions: {
      kind: 'texts',
      value: 'NAME',
      help: 'only this region (repeatable); without it: your own, and all of `promote` in the nodes file',
    },
    'min-age': {
      kind: 'duration',
      zero: true,
      value: 'TIME',
      help: 'keep images and snapshots that are younger',
      default: '1h',
    },
    apply: { kind: 'switch', help: 'delete; without it there is only a plan' },
    'cleanup-plan': {
      kind: 'text',
      value: 'FILE',
      help: 'with --apply: delete nothing that this plan (reports/cleanup.json) does not list',
      formerly: 'plan',
    },
    'stale-ok': { kind: 'switch', help: 'accept a --cleanup-plan that is more than a day old' },
    'max-delete': {
      kind: 'count',
      value: 'N',
      help: 'most images, and most snapshots without image, to delete in one run (default: 20)',
    },
    'no-fuse': {
      kind: 'switch',
      help: "allow deleting more than half of a node's images or snapshots, and any number without --max-delete",
    },
    'disable-first': {
      kind: 'count',
      value: 'DAYS',
      help: 'disable images now; a later run deletes them after so many days',
    },
    gone: { kind: 'switch', help: 'also delete images of nodes that the nodes file no longer has' },
    adopt: { kind: 'switch', help: 'also manage untagged images named NODE-UNIXSECONDS' },
    'all-template-versions': {
      kind: 'switch',
      help: 'an image counts as used when any version of a launch template names it, however old',
    },
    'ignore-reference': {
      kind: 'texts',
      value: 'KIND',
      help: 'skip this kind of reference (repeatable); kinds: instance, launch-template, launch-configuration, auto-scaling-group, instance-refresh, spot-request, fleet, ssm-parameter, image-copy, child-image, launch-permission, image-reference',
    },
    leaks: {
      kind: 'switch',
      help: 'instead of images: leftovers of ended runs (instances, volumes, key pairs, …)',
    },
    finished: {
      kind: 'texts',
      value: 'RUN',
      help: 'treat this run as ended, whatever its age (repeatable)',
    },
    'run-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: 'with --leaks: a run has ended when its newest resource is older',
      default: '90m',
    },
    price: {
      kind: 'amount',
      value: 'USD',
      help: 'monthly price of a GiB of snapshots, to estimate the savings',
      default: snapshotPrice,
    },
    verbose: { kind: 'switch', help: 'print the number of API calls' },
    json,
    help,
  },
} as const;

/** Runs cleanup as this process; its code is loaded once the flags are right. */
export const runCleanup = (argv: readonly string[]) =>
  runStage(cleanupCommand, argv, async (flags, io) =>
    (await import('./cleanup/cleanup.ts')).cleanup(flags, io),
  );

if (isMain(import.meta.url)) await runCleanup(process.argv.slice(2));
