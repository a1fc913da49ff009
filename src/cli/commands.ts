import { sharedFlags } from './flags.ts';

/** What each stage takes on its command line, and what it says in `--help`. */

const { nodes, node, reports, json, help } = sharedFlags;

const manifests = {
  kind: 'text',
  value: 'DIR',
  help: 'the Puppet environment (manifests/, modules/, …) for nodes without a Puppet server',
  default: 'templates/environment',
} as const;

/** How certificates on a Puppet server come and go. */
const certificateFlags = {
  'certificate-wait': {
    kind: 'duration',
    value: 'TIME',
    help: 'how long a bake waits for the Puppet server to sign (default: 20s with a secret for autosign, else 10m)',
  },
  'clean-command': {
    kind: 'text',
    value: 'FILE',
    help: "program that takes a bake's certificate off the Puppet server: FILE SERVER CERTNAME",
  },
  'ca-client': {
    kind: 'text',
    value: 'DIR',
    help: "the same by the CA's HTTP API, as the client of DIR's cert.pem, key.pem and ca.pem",
  },
  'ca-server': {
    kind: 'text',
    value: 'HOST[:PORT]',
    help: "the CA for --ca-client (default: the node's puppet_server, port 8140)",
  },
} as const;

const template = {
  kind: 'text',
  value: 'FILE',
  help: 'the template',
  default: 'templates/packer.json.mustache',
} as const;

const plan = {
  kind: 'text',
  value: 'FILE',
  help: 'only what this plan says should be baked, and only as long as it is what was planned (plan.json)',
} as const;

export const planCommand = {
  name: 'plan',
  summary: 'says which nodes must be baked and why: whose catalog, pack, scripts or source image changed',
  example: 'npx tsx src/plan.ts --manifests ../puppet && npx tsx src/generate.ts --plan plan.json',
  flags: {
    nodes,
    node,
    manifests,
    template,
    facts: {
      kind: 'text',
      value: 'DIR',
      help: "facts/<node>.yaml: the facts of a node's machines",
      default: 'facts',
    },
    offline: { kind: 'switch', help: 'without EC2: digests only, no comparison with images' },
    since: {
      kind: 'text',
      value: 'REV',
      help: 'without EC2: compare with the manifests at this commit',
    },
    force: { kind: 'switch', help: 'bake all nodes, or those named by --node, whatever their images are' },
    out: { kind: 'text', value: 'FILE', help: 'where the plan goes', default: 'plan.json' },
    diff: { kind: 'text', value: 'NODE', help: "show how this node's catalog differs" },
    markdown: { kind: 'switch', help: 'with --diff or --since: as Markdown, for a comment' },
    cache: {
      kind: 'text',
      value: 'DIR',
      help: 'what is kept between runs; it may vanish at any time (default: ~/.cache/bakehouse)',
    },
    'compile-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: "how long one node's catalog may take",
      default: '60s',
    },
    parallel: {
      kind: 'count',
      value: 'N',
      help: 'Ruby processes at the same time (default: as many as processor cores)',
    },
    reports,
    json,
    help,
  },
} as const;

export const generateCommand = {
  name: 'generate',
  summary: 'writes a Packer template (a pack) for each node of nodes.yaml',
  example: 'npx tsx src/generate.ts --node redis',
  flags: {
    nodes,
    node,
    plan,
    template,
    out: { kind: 'text', value: 'DIR', help: 'where the packs go', default: 'packs' },
    json,
    help,
  },
} as const;

export const buildCommand = {
  name: 'build',
  summary: 'bakes an image of each node: runs Packer over its pack and brings back what Puppet did',
  example: 'npx tsx src/build.ts --node redis --manifests ../puppet',
  cleaningUp:
    'waiting up to 3 min for Packer to terminate its machines; after kill -9 the next build would remove them',
  flags: {
    nodes,
    node,
    plan,
    packs: { kind: 'text', value: 'DIR', help: 'where the packs lie', default: 'packs' },
    manifests,
    parallel: {
      kind: 'count',
      value: 'N',
      help: 'bakes at the same time (default: as many as processor cores)',
    },
    ...certificateFlags,
    timeout: { kind: 'duration', value: 'TIME', help: 'the longest that one bake may take', default: '60m' },
    'no-plugin-install': { kind: 'switch', help: "don't install Packer's amazon plugin when it is missing" },
    reports,
    json,
    help,
  },
} as const;

export const verifyCommand = {
  name: 'verify',
  summary: 'reads what Puppet did in each bake, writes it as JUnit, and tags the images that are proved',
  example: 'npx tsx src/verify.ts --node redis',
  flags: {
    nodes,
    node,
    plan: { ...plan, help: 'only what this plan said should be baked (plan.json)' },
    reports,
    secret: {
      kind: 'patterns',
      value: 'PATTERN',
      help: 'a regular expression; what it finds is shown as [secret]; again for several (passwords, tokens, keys: always)',
    },
    boot: { kind: 'switch', help: 'launch two servers of each image and look whether it may be trusted' },
    manifests,
    provision: {
      kind: 'text',
      value: 'DIR',
      help: "the provisioning scripts, for --boot's run of Puppet",
      default: 'templates/provision',
    },
    parallel: { kind: 'count', value: 'N', help: 'images booted at the same time', default: '2' },
    'boot-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: 'how long a server may take until ssh answers',
      default: '10m',
    },
    ...certificateFlags,
    json,
    help,
  },
} as const;

export const cleanupCommand = {
  name: 'cleanup',
  summary:
    'deletes old images and their snapshots: keeps the newest of each node, and whatever anything in the region uses',
  example: 'npx tsx src/cleanup.ts --keep 3 --apply',
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
    'min-age': {
      kind: 'duration',
      zero: true,
      value: 'TIME',
      help: 'younger images and snapshots stay',
      default: '1h',
    },
    apply: { kind: 'switch', help: 'delete; without it there is only a plan' },
    plan: {
      kind: 'text',
      value: 'FILE',
      help: 'with --apply: do no more than this plan says (reports/cleanup.json)',
    },
    'stale-ok': { kind: 'switch', help: 'with --plan: take a plan that is over a day old' },
    'max-delete': {
      kind: 'count',
      value: 'N',
      help: 'the most images, and snapshots without image, that go in one run (default: 20)',
    },
    'no-fuse': {
      kind: 'switch',
      help: "more than half of a node's images or snapshots may go, and any number where --max-delete does not say",
    },
    'disable-first': {
      kind: 'count',
      value: 'DAYS',
      help: 'disable images now, and delete them so many days later: a later run does that',
    },
    gone: { kind: 'switch', help: 'images of nodes that have left the nodes file go, too' },
    adopt: { kind: 'switch', help: 'take images in that no bake tagged but that are named NODE-UNIXSECONDS' },
    'all-template-versions': {
      kind: 'switch',
      help: 'whatever any version of a launch template names is in use, however old',
    },
    'ignore-reference': {
      kind: 'texts',
      value: 'KIND',
      help: 'do not look whether things of this kind use an image; again for several (a wrong word lists them)',
    },
    leaks: {
      kind: 'switch',
      help: 'instead: what bakes left behind that are over (instances, volumes, keys, …)',
    },
    finished: {
      kind: 'texts',
      value: 'RUN',
      help: 'this run is over, however young what it left is; again for several',
    },
    'run-timeout': {
      kind: 'duration',
      value: 'TIME',
      help: 'with --leaks: a run is over when all that it made is older than this',
      default: '90m',
    },
    price: {
      kind: 'amount',
      value: 'USD',
      help: 'what a GiB of snapshots costs in a month, for the savings shown',
      default: '0.05',
    },
    verbose: { kind: 'switch', help: 'say how many API calls were made' },
    json,
    help,
  },
} as const;

export const jenkinsCommand = {
  name: 'jenkins',
  summary:
    "a step of the Jenkinsfile, by the build's parameters: check, plan, fan-out, generate, build, verify, cleanup, reap, summary, choices",
  example: 'NODES="redis web" node --import tsx src/jenkins.ts plan',
  flags: { json, help },
} as const;
