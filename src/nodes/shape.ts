import { normalize } from 'node:path/posix';
import { z } from 'zod';
import { checks } from './check.ts';
import { factName } from './facts-file.ts';
import { promote } from './promote-shape.ts';
import { puppet } from './puppet-package.ts';

/** What EC2 allows in a security group's name. */
const group = z
  .string('is not a name')
  .regex(/^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/, 'is not a name that EC2 allows for a security group')
  .refine((name) => !name.includes('{{'), "must not contain '{{'");

const dnsName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

const notAServer = 'is neither a DNS name nor false';

const duration = z
  .string("is not a time such as '30d' or '12h'")
  .regex(/^[1-9]\d{0,5}[smhd]$/, "is not a time such as '30d' or '12h'");

const notAnAmi =
  "is neither an AMI id ('ami-' and hexadecimal digits) nor {name: PATTERN, owner: ACCOUNT}, the account as 12 digits in quotes";

const sourceAmi = z.union(
  [
    z.string().regex(/^ami-[0-9a-f]{8,17}$/, notAnAmi),
    z.strictObject(
      {
        // The characters of an AMI name, and the wildcards of an EC2 filter.
        name: z.string(notAnAmi).regex(/^[\w ()[\]./'@*?-]{1,128}$/, notAnAmi),
        // Unquoted, an account is a number to YAML.
        owner: z.preprocess(
          (owner) => (typeof owner === 'number' ? String(owner) : owner),
          z.string(notAnAmi).regex(/^(\d{12}|self|amazon|aws-marketplace)$/, notAnAmi),
        ),
      },
      notAnAmi,
    ),
  ],
  notAnAmi,
);

const fromOne = (message: string) => z.int(message).min(1, message).nullish();

const notPorts = 'is not a mapping of ports, of this computer to the machine, such as {8080: 80}';
const portNumber = z.string().refine((text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) < 65_536);
const ports = z.record(
  portNumber,
  z.preprocess((port) => (typeof port === 'number' ? String(port) : port), portNumber),
);

/**
 * What templates/Vagrantfile makes the node's machine of; it reads nodes.yaml by itself, and checks the same. No stage
 * uses it, so it decides no image.
 */
const vagrant = z.strictObject(
  {
    autostart: z.boolean('is neither true nor false').nullish(),
    box: z
      .string('is not the name of a box')
      .regex(/^[\w./-]+$/, 'is not the name of a box')
      .nullish(),
    cpus: fromOne('is not a whole number from 1'),
    ip: z
      .string('is not an IPv4 address')
      .regex(/^\d{1,3}(\.\d{1,3}){3}$/, 'is not an IPv4 address')
      .nullish(),
    memory: fromOne('is not a whole number of MiB'),
    // As one: each port of it would have a problem of its own.
    ports: z
      .unknown()
      .refine((given) => given == null || ports.safeParse(given).success, notPorts)
      .optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? 'is none of autostart, box, cpus, ip, memory, ports'
        : 'is not a mapping such as {memory: 2048}',
  },
);

const mapping = z.record(z.string(), z.unknown(), 'is not a mapping');

const notBelow = 'is not a file below the folder of nodes.yaml: no / at its beginning, and no ..';
const factsFile = z
  .string(notBelow)
  .regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))[^\p{Cc}\\]{1,200}$/u, notBelow)
  .transform((path) => normalize(path));

/** What `assume_pure` names; `*` stands for any characters. */
const notAnAssumption = "has an entry that is neither 'function NAME' nor 'env NAME'";
const assumption = z
  .string(notAnAssumption)
  .regex(/^(function [a-z_*][a-z0-9_:*]*|env [A-Za-z_*][\w*]*)$/, notAnAssumption);

/** The keys of a node that Bakehouse knows, each with what is wrong when it does not fit. */
export const nodeShape = {
  group: z.union([group, z.array(group).min(1, 'is empty: name one security group at least')], {
    error: 'is not a security group: give a name or a list of names',
  }),
  size: z
    .string('is not an EC2 instance type such as t3.small')
    .regex(/^[a-z][a-z0-9-]{0,20}\.[a-z0-9-]{1,20}$/, 'is not an EC2 instance type such as t3.small'),
  source_ami: sourceAmi,
  // `false`: masterless, where the defaults name a server.
  puppet_server: z.union([z.literal(false), z.string().regex(dnsName, notAServer)], notAServer),
  puppet_environment: z
    .string('is not the name of a Puppet environment')
    .regex(/^[a-z0-9_]{1,100}$/, 'is not the name of a Puppet environment (a-z, 0-9 and _)'),
  puppet,
  remove_puppet: z.boolean('is neither true nor false'),
  facts: mapping.refine(
    (facts) => Object.keys(facts).every((name) => factName.test(name)),
    'has a fact whose name is not lower-case letters, digits and _ (Puppet could not read it as a variable)',
  ),
  facts_from: z.preprocess(
    (files) => (typeof files === 'string' ? [files] : files),
    z.array(factsFile, 'is neither a file nor a list of files'),
  ),
  keep: z.int('is not a whole number from 1').min(1, 'is not a whole number from 1'),
  max_age: duration,
  assume_pure: z.union([z.boolean(), z.array(assumption)], {
    error:
      "is neither true, false nor a list of 'function NAME' and 'env NAME', as [function nginx::x, env STDLIB_*]",
  }),
  packer: mapping,
  checks,
  goss: z.string('is not the name of a goss file').min(1, 'is not the name of a goss file'),
  // YAML 1.2 reads `off` as a text, 1.1 as false.
  allow_skipped: z.union(
    [z.boolean(), z.array(z.string().regex(/^[A-Z]\w*(::[A-Z]\w*)*\[[^]+\]$/))],
    'is neither true nor a list of resources such as File[/etc/motd]',
  ),
  converge: z.union([z.boolean(), z.literal('on'), z.literal('off')], 'is neither on nor off'),
  promote,
  vagrant,
} as const;

export type KnownKey = keyof typeof nodeShape;
export const knownKeys = Object.keys(nodeShape) as KnownKey[];
