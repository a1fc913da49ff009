import type { Check } from './check.ts';
import type { PuppetPackage } from './puppet-package.ts';

/** Which AMI a bake starts from: one by its id, or the newest that a name pattern and an owner match. */
type SourceAmi = { id: string } | { name: string; owner: string };

/** Where `promote` puts a node's image into service. */
export interface Promotion {
  /** The regions besides the account's own, each with the KMS key of its copies; none: as the region encrypts by itself. */
  regions: Record<string, { kmsKey?: string }>;
  /** Ids of the AWS accounts that may launch the image. */
  accounts: string[];
  /** Name of the parameter of Systems Manager that holds the current image's id, in each region. */
  parameter: string;
  /** Name of the launch template that launches the current image, in each region. */
  launchTemplate?: string;
}

/** A node of nodes.yaml: a kind of server, with the file's defaults and Bakehouse's own filled in. */
export interface Node {
  name: string;
  /** EC2 security groups of the servers, by name. */
  groups: string[];
  /** EC2 instance type. */
  size: string;
  sourceAmi: SourceAmi;
  /** DNS name of the Puppet server; absent: masterless. */
  puppetServer?: string;
  /** The environment that the Puppet server is asked for. */
  puppetEnvironment: string;
  /** Absent: the distribution's own Puppet, unless the source image has one. */
  puppet?: PuppetPackage;
  /** Puppet is purged from the image when it has done its work. */
  removePuppet: boolean;
  /** External facts, plain JSON values, those of the files of `facts_from` among them. */
  facts: Record<string, unknown>;
  /** The node's own `facts_from`, without that of the defaults; the last file wins. */
  factsFrom: string[];
  /** How many verified images stay; absent: what `--keep` says. */
  keep?: number;
  /** Bake again when the newest verified image is older. */
  maxAgeMs?: number;
  /** What plan cannot judge of the node is taken for unchanged. */
  assumePure: boolean | string[];
  /** Laid over the builder of the pack. */
  packer: Record<string, unknown>;
  /** What must hold on a server of the image. */
  checks: Check[];
  /** A goss file that is run in place of the checks; as nodes.yaml names it. */
  goss?: string;
  /** What Puppet may leave out in the bake, by a schedule, a tag or noop: all, or the resources named. */
  allowSkipped: boolean | string[];
  /** Whether Puppet must find nothing to do on a server of the image. */
  converge: boolean;
  /** Where its verified image goes into service. It decides no image. */
  promote: Promotion;
  /** Keys that other tools own, as they stand in the file. */
  extra: Record<string, unknown>;
}
