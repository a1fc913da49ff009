import type { ContentsDiff } from '../contents/diff-contents.ts';
import type { ImageContents } from '../contents/image-contents.ts';
import type { PuppetOverview, ResourceLine } from '../verify/verify-record.ts';

export type { PuppetOverview, ResourceLine };

/** What an account and the reports say of all nodes: the page shows it whole, status a line of each node. */
export interface Overview {
  /** When it was read, milliseconds since the epoch by EC2's clock. */
  madeMs: number;
  /** Its id; undefined: not known. */
  account: string | undefined;
  /** The account's own first. */
  regions: string[];
  /** In the order of nodes.yaml. */
  nodes: NodeOverview[];
  /** Resources that ended runs left behind, in sentences; undefined: not known. */
  leftovers: string[] | undefined;
  /** What could not be read, and so is missing, in sentences. */
  problems: string[];
}

/** A node of nodes.yaml. */
export interface NodeOverview {
  node: string;
  /** The oldest that its image may become; absent: any age. */
  maxAgeMs?: number;
  /** Its bakes' images in the own region, the newest first. */
  images: ImageOverview[];
  /** What its parameter names, in each of its regions. */
  current: CurrentImage[];
  /** What plan decided of it when it last ran here; absent: there is no plan.json. */
  plan?: LastPlan;
  /** The newest bake of the reports, whether it made an image or not. */
  lastBake?: BakeOverview;
  /** The newest image against the one that is in service before it; absent: one of them is not known. */
  difference?: ContentsDiff;
  /** Of the newest image; absent: no archive has it. */
  contents?: ImageContents;
}

export interface CurrentImage {
  region: string;
  parameter: string;
  /** What the parameter holds; absent: it is not there, or `unknown`. */
  image?: string;
  /** The node's image in the own region: that one itself, or what it is a copy of; absent: none of the node's, or `unknown`. */
  original?: string;
  /** Why it cannot be said what is current, or of which image it is a copy, in a sentence. */
  unknown?: string;
}

export interface LastPlan {
  action: 'bake' | 'skip' | 'failed';
  /** Whole sentences; of a bake the catalog's differences are further lines of one. */
  reasons: string[];
  madeMs: number;
  commit: string;
  /** The node was baked after it: the decision is no longer what is next. */
  bakedSince: boolean;
}

/** An image with its copies. */
export interface ImageOverview {
  id: string;
  name: string;
  /** When its bake began; undefined: not known. */
  bakedMs: number | undefined;
  state: 'verified' | 'rejected' | 'revoked' | 'unverified';
  /** EC2's state where it is not `available`, so that nothing can be launched from it: `pending`, `disabled`, … */
  unavailable?: string;
  /** Why it was rejected or revoked. */
  reason?: string;
  commit?: string;
  run?: string;
  sourceAmi?: string;
  digest?: string;
  /** When promote last put it into service in the own region. */
  promotedMs?: number;
  /** Of promote, in other regions. */
  copies: { region: string; id: string }[];
  /** The regions in which it, or its copy, is current. */
  currentIn: string[];
  /** What is known to use it or a copy of it. It is unused only if the list is empty and `usersUnknownIn` is, too. */
  users: ImageUse[];
  /** The regions in which it could not be read what uses it or a copy. */
  usersUnknownIn: string[];
  /** Of its snapshots and its copies' in all regions, in GiB; undefined: EC2 did not say. */
  gib: number | undefined;
  /** Of the archive; absent: not kept, or not read, since that is done of the newest images only. */
  bake?: BakeOverview;
}

/** Something that uses an image: `instance i-0a (running)`. */
export interface ImageUse {
  region: string;
  kind: string;
  by: string;
}

/** A bake as its records tell it. */
export interface BakeOverview {
  status: 'baked' | 'failed' | 'timed-out' | 'interrupted' | 'running';
  image?: string;
  startedMs: number;
  seconds?: number;
  /** In their order. */
  phases: { phase: string; seconds: number }[];
  /** Why it failed. */
  error?: string;
  /** Of Puppet's run, absent where there is no report. */
  puppet?: PuppetOverview;
}
