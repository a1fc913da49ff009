import type { NotOurs } from '../aws/ours.ts';

/** What a bake makes in EC2, in the order in which it is removed. */
export const resourceTypes = [
  'spot-request',
  'image',
  'instance',
  'snapshot',
  'volume',
  'key-pair',
  'security-group',
] as const;

export type ResourceType = (typeof resourceTypes)[number];

/** Something in EC2 that may be a bake's. */
export interface Resource {
  type: ResourceType;
  id: string;
  /** What people know it by, where it has such a name: an image, a key pair, a security group. */
  name?: string;
  /** From the tag; empty: it has none. */
  node: string;
  /** From the tag; empty: it has none. */
  run: string;
  /** All its tags. */
  tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; absent when EC2 does not say. */
  createdMs?: number;
  /** Until when its bake may take, by its tag; milliseconds since the epoch. */
  untilMs?: number;
  /** As EC2 has it. */
  state?: string;
  /** What a volume hangs on, or what an image or a snapshot was made of by CreateImage. */
  instanceId?: string;
  /** An instance that was launched from an image; only known when it is read again. */
  usedBy?: string;
  /** The image that an instance was launched from. */
  imageId?: string;
  /** The run tag of what an instance or a volume was made of, or is asked for with: an image of ours. */
  originRun?: string;
  /** Nobody can tell whether it was made of an image of ours, or of a server of one. */
  originUnknown?: true;
  /** Of an image: why it is not a bake's although its tags or its name say so. */
  notOurs?: NotOurs;
  /** The key that an instance was launched with. */
  keyName?: string;
  /** Images of this account, in whatever state, that a snapshot belongs to. */
  imageIds?: readonly string[];
  /** Of a snapshot, as whoever made it wrote. */
  description?: string;
}

/** A bake's name for its resources: a node in a run. */
export interface BakeName {
  node: string;
  run: string;
}

/** The name of a bake's key pair; the template says the same. */
export function keyPairName({ node, run }: BakeName): string {
  return `bakehouse-${node}-${run}`;
}

/** The name of the key pair of verify's servers. */
export function proofKeyName({ node, run }: BakeName): string {
  return `bakehouse-proof-${node}-${run}`;
}
