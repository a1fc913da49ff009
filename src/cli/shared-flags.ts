import type { FlagTable } from './flags.ts';

/** Flags that mean the same in every stage that has them. */
export const sharedFlags = {
  nodes: { kind: 'text', value: 'FILE', help: 'file with the nodes', default: 'nodes.yaml' },
  node: { kind: 'texts', value: 'NAME', help: 'only this node (repeatable; default: all nodes)' },
  reports: { kind: 'text', value: 'DIR', help: 'folder of the reports', default: 'reports' },
  archive: {
    kind: 'text',
    value: 'WHERE',
    help: 'where contents and records of images are kept: a folder or s3://BUCKET/PREFIX (default: the folder of the reports)',
  },
  json: { kind: 'switch', help: 'print the result as JSON' },
  help: { kind: 'switch', help: 'print this help' },
  manifests: {
    kind: 'text',
    value: 'DIR',
    help: 'Puppet environment (manifests/, modules/, …) of nodes without a Puppet server',
    default: 'templates/environment',
  },
  template: {
    kind: 'text',
    value: 'FILE',
    help: 'Packer template (Mustache)',
    default: 'templates/packer.json.mustache',
    packaged: true,
  },
} as const satisfies FlagTable;

/** What to do when `--reports` cannot be written to. */
export const reportsAdvice = 'name a writable folder with --reports';

/** `--plan` of the stages that act on it. */
export const plannedOnly = {
  kind: 'text',
  value: 'FILE',
  help: 'only the nodes that this plan (plan.json) bakes; an error when their inputs have changed since',
} as const;

/** `--plan` of the commands that show it. */
export const shownPlan = {
  kind: 'text',
  value: 'FILE',
  help: 'the plan whose decisions are shown (default: plan.json, if it is there)',
} as const;

/** What AWS takes for a GiB of snapshots a month in most regions, in dollars. */
export const snapshotPrice = '0.05';

/** How a bake's or a server's certificate comes from a Puppet server and goes again. */
export const certificateFlags = {
  'certificate-wait': {
    kind: 'duration',
    value: 'TIME',
    help: 'longest wait for the Puppet server to sign (default: 20s with a secret for autosign, else 10m)',
  },
  'clean-command': {
    kind: 'text',
    value: 'FILE',
    help: "program that removes a bake's certificate from the Puppet server: FILE SERVER CERTNAME",
  },
  'ca-client': {
    kind: 'text',
    value: 'DIR',
    help: "folder with cert.pem, key.pem and ca.pem: remove certificates by the CA's HTTP API instead",
  },
  'ca-server': {
    kind: 'text',
    value: 'HOST[:PORT]',
    help: "the CA for --ca-client (default: the node's puppet_server, port 8140)",
  },
} as const satisfies FlagTable;
