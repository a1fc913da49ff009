import type { Image as Ec2Image, Snapshot as Ec2Snapshot } from '@aws-sdk/client-ec2';
import { collectPages, type Page } from './answers.ts';
import { malformed } from './ec2-failure.ts';
import { bakedMs, bearsOurTags, type NotOurs, whyImageIsNotOurs, strayTag } from './ours.ts';
import { tag, tagMap } from './tags.ts';

/** An image of this account, in our words. */
export interface Image {
  id: string;
  /** From the tag; a name's prefix says nothing (`web` is not `web-db`). Empty: no bake of ours tagged it. */
  node: string;
  name: string;
  /** Why it is not a bake's although it has our tags or such a name: then it counts for nothing. */
  notOurs: NotOurs | undefined;
  /** It has a tag that bakes or verify put on images. */
  bearsOurTags: boolean;
  /** When its bake began, by its name; milliseconds since the epoch. */
  bakedMs: number | undefined;
  /** Milliseconds since the epoch; undefined when EC2 does not say or it is no date. */
  createdMs: number | undefined;
  /** As EC2 has it: `available`, `pending`, `failed`, `disabled`, … */
  state: string;
  verified: boolean;
  /** verify rejected it; then `verified` is false. */
  rejected: boolean;
  /** Why, as verify tagged it; undefined: it did not reject it. */
  rejection: string | undefined;
  /** Why a person revoked it; undefined: nobody did. Then it is no good image, verified or not. */
  revoked: string | undefined;
  /** SHA-256 of its contents.json, as build tagged it; undefined: it did not. */
  contents: string | undefined;
  /** What it is a copy of, as promote tagged it: `us-east-1/ami-0a…`. Whether that is so, `copies.ts` says. */
  copiedFrom: string | undefined;
  /** When promote last put it into service in this region, milliseconds since the epoch; undefined: never. */
  promotedMs: number | undefined;
  /** The image that was current in this region before it. */
  previous: string | undefined;
  /** The pipeline run of the bake; empty when it is not tagged. */
  run: string;
  snapshotIds: string[];
  /** A person tagged it as one to keep. */
  keepTag: boolean;
  /** EC2's deregistration protection, as EC2 names it; undefined: not protected. */
  protection: string | undefined;
  /** From when a disabled image may be deleted, as its tag says: milliseconds, NaN where that is no time. */
  deleteAfterMs: number | undefined;
  /** As the bake tagged it; undefined: it did not. Without a plan it says `unknown`. */
  digest: string | undefined;
  /** What went into the digest, in short. */
  inputs: string | undefined;
  /** The commit of the manifests, with `-dirty` when files differed from it. */
  commit: string | undefined;
  /** The image that it was baked from, as the bake tagged it. */
  sourceAmi: string | undefined;
  /** The machine that EC2 says it was made of. */
  sourceInstanceId: string | undefined;
  /** The image that EC2 says it was made from, and that one's region. */
  sourceImageId: string | undefined;
  sourceImageRegion: string | undefined;
  /** Every AWS account may launch it. */
  isPublic: boolean;
}

interface Filter {
  Name: string;
  Values: string[];
}

/** A call of DescribeImages. */
export type DescribeImages = (query: {
  Owners: string[];
  Filters?: Filter[];
  IncludeDisabled: boolean;
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Images?: Ec2Image[] | undefined } & Page>;

const imagesPerPage = 500;

/**
 * All images of this account, in no order, also those that are no bake's: a snapshot of ours may be mapped by them, and
 * they may be made of an image of ours. Disabled ones, too.
 * @param filters of EC2's; none: all
 */
export async function listImages(describe: DescribeImages, filters: Filter[] = []): Promise<Image[]> {
  const query = {
    Owners: ['self'],
    ...(filters.length === 0 ? {} : { Filters: filters }),
    IncludeDisabled: true,
    MaxResults: imagesPerPage,
  };
  const found = await collectPages(
    (next) => describe({ ...query, ...next }),
    ({ Images: images }) => images?.map(imageOf),
    'ec2:DescribeImages',
  );
  // What is registered between two pages may be on both.
  const images = [...new Map(found.map((image) => [image.id, image])).values()];
  const nodeOf = new Map(images.map(({ id, node }) => [id, node]));
  return images.map((image) => ({ ...image, notOurs: whyImageIsNotOurs(image, nodeOf) }));
}

/**
 * An image as EC2 describes it, in our words. Whether it is ours is judged by itself alone: {@link listImages} knows the
 * images that it may be a copy of.
 * @throws CloudError when it has no id
 */
export function imageOf(image: Ec2Image): Image {
  const known = factsOf(image);
  return { ...known, notOurs: whyImageIsNotOurs(known) };
}

function factsOf(image: Ec2Image): Omit<Image, 'notOurs'> {
  if (image.ImageId === undefined) throw malformed('ec2:DescribeImages', 'an image has no id');
  const tags = tagMap(image.Tags);
  const deleteAfter = tags.get(tag.deleteAfter);
  const { Name: name = '' } = image;
  return {
    id: image.ImageId,
    node: tags.get(tag.node) ?? '',
    name,
    bearsOurTags: bearsOurTags(tags),
    bakedMs: bakedMs(name),
    createdMs: timeOf(image.CreationDate),
    state: image.State ?? 'unknown',
    verified: tags.get(tag.verified) === 'true' && !tags.has(tag.rejected),
    rejected: tags.has(tag.rejected),
    rejection: tags.get(tag.rejected),
    revoked: tags.get(tag.revoked),
    contents: tags.get(tag.contents),
    copiedFrom: tags.get(tag.copiedFrom),
    promotedMs: timeOf(tags.get(tag.promoted)),
    previous: tags.get(tag.previous),
    run: tags.get(tag.run) ?? '',
    snapshotIds: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs: ebs }) => ebs?.SnapshotId ?? []),
    keepTag: tags.has(tag.keep),
    protection: protectionOf(image.DeregistrationProtection),
    deleteAfterMs: deleteAfter === undefined ? undefined : Date.parse(deleteAfter),
    digest: tags.get(tag.digest),
    inputs: tags.get(tag.inputs),
    commit: tags.get(tag.commit),
    sourceAmi: tags.get(tag.sourceAmi),
    sourceInstanceId: image.SourceInstanceId,
    sourceImageId: image.SourceImageId,
    sourceImageRegion: image.SourceImageRegion,
    isPublic: image.Public ?? false,
  };
}

function timeOf(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whatever is not said to be off is on: a cooldown that still runs, and words that EC2 may yet invent. */
function protectionOf(said: string | undefined): string | undefined {
  return said === undefined || said === '' || said === 'disabled' ? undefined : said;
}

/** A snapshot with a bake's tags; whose it is, `ours.ts` says. */
export interface Snapshot {
  id: string;
  node: string;
  run: string;
  /** Milliseconds since the epoch; undefined when EC2 does not say. */
  startedMs: number | undefined;
  state: string;
  /** GiB; what EC2 says that a full copy of it takes, else its volume's size. */
  size: number;
  keepTag: boolean;
  /** As whoever made it wrote, EC2 for instance. */
  description: string;
  /** A tag that no bake puts on a snapshot. */
  strayTag: string | undefined;
}

/** A call of DescribeSnapshots. */
export type DescribeSnapshots = (query: {
  OwnerIds: string[];
  Filters: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Snapshots?: Ec2Snapshot[] | undefined } & Page>;

const snapshotsPerPage = 500;
const gib = 2 ** 30;

/** The snapshots of this account that have a node's tag, in no order. */
export async function listSnapshots(describe: DescribeSnapshots): Promise<Snapshot[]> {
  const filters = [{ Name: 'tag-key', Values: [tag.node] }];
  const found = await collectPages(
    (next) => describe({ OwnerIds: ['self'], Filters: filters, MaxResults: snapshotsPerPage, ...next }),
    ({ Snapshots: snapshots }) => snapshots?.map(snapshotOf),
    'ec2:DescribeSnapshots',
  );
  return [...new Map(found.map((snapshot) => [snapshot.id, snapshot])).values()];
}

/**
 * A snapshot as EC2 describes it, in our words.
 * @throws CloudError when it has no id
 */
export function snapshotOf(snapshot: Ec2Snapshot): Snapshot {
  const tags = tagMap(snapshot.Tags);
  const { SnapshotId: id, State: state = 'unknown', FullSnapshotSizeInBytes: bytes } = snapshot;
  if (id === undefined) throw malformed('ec2:DescribeSnapshots', 'a snapshot has no id');
  return {
    id,
    node: tags.get(tag.node) ?? '',
    run: tags.get(tag.run) ?? '',
    startedMs: snapshot.StartTime?.getTime(),
    state,
    // 0 is what EC2 says as long as it does not know.
    size: bytes === undefined || bytes === 0 ? (snapshot.VolumeSize ?? 0) : bytes / gib,
    keepTag: tags.has(tag.keep),
    description: snapshot.Description ?? '',
    strayTag: strayTag(tags.keys()),
  };
}
