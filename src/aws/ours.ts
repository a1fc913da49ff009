import { tag } from './tags.ts';

/**
 * Why an image or a snapshot that has our tags, or a name like an image's of ours, is not a bake's. Backup tools,
 * servers and copies of images carry tags on, so that a tag alone says nothing.
 */
export type NotOurs =
  /** Tags of ours without the node: a bake puts them on all at once. */
  | { kind: 'no-node' }
  /** Its name is not `<node>-<unix seconds>`. */
  | { kind: 'name'; name: string; node: string }
  /** Made of a machine that was launched from another image than the bake's machine was: of a server. */
  | { kind: 'of-server'; launchedFrom: string }
  /** A copy of an image that is in this account and region: a bake's own name was taken there. */
  | { kind: 'copy'; of: string }
  | NotOurSnapshot;

export type NotOurSnapshot =
  /** EC2's description of what CreateImage and CopyImage make is missing. */
  | { kind: 'not-of-image' }
  /** A tag that no bake puts on a snapshot. */
  | { kind: 'stray-tag'; tag: string }
  /** Made with an image that is not ours. */
  | { kind: 'of-others-image'; image: string };

/** What is known of an image when its origin is judged. */
export interface ImageOrigin {
  name: string;
  /** From the tag; empty: it has none. */
  node: string;
  /** It has a tag that bakes or verify put on images. */
  bearsOurTags: boolean;
  /** What the bake's tag says that its machine was launched from. */
  sourceAmi: string | undefined;
  /** Only CreateImage leaves it. */
  sourceInstanceId: string | undefined;
  /** What the machine was launched from (CreateImage), or what was copied (CopyImage). */
  sourceImageId: string | undefined;
}

/** What bakes and verify put on an image. The tags that people set (`keep`) make nothing a bake's. */
const imageTags = [
  tag.node,
  tag.run,
  tag.digest,
  tag.inputs,
  tag.commit,
  tag.sourceAmi,
  tag.verified,
  tag.rejected,
  tag.copiedFrom,
  tag.promoted,
  tag.previous,
  tag.revoked,
  tag.contents,
];

/** Whether any of these tags is one that bakes or verify put on images. */
export function bearsOurTags(tags: { has: (key: string) => boolean }): boolean {
  return imageTags.some((key) => tags.has(key));
}

const bakeName = /^(.+)-(\d{10})$/;

/** `redis` of `redis-1767225600`: the node of an image by the name scheme, should there be such a node. */
export function nodeByName(name: string): string | undefined {
  return bakeName.exec(name)?.[1];
}

/** When the bake of an image began, as its name says; milliseconds since the epoch. */
export function bakedMs(name: string): number | undefined {
  const seconds = bakeName.exec(name)?.[2];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/**
 * Why an image is not a bake's; undefined: as far as EC2 shows, it is. An image without any tag of ours is judged as
 * one that `--adopt` may take in: by its name and by how it was made.
 * @param nodeOf the node tags of this account's images in this region, by id; empty where an image has none
 */
export function whyImageIsNotOurs(
  image: ImageOrigin,
  nodeOf: ReadonlyMap<string, string> = new Map(),
): NotOurs | undefined {
  const { name, sourceAmi, sourceInstanceId, sourceImageId } = image;
  if (image.node === '' && image.bearsOurTags) return { kind: 'no-node' };
  const named = nodeByName(name);
  const node = image.node === '' ? named : image.node;
  if (node === undefined) return undefined;
  if (named !== node) return { kind: 'name', name, node };
  if (sourceImageId === undefined || sourceImageId === '') return undefined;
  if (sourceInstanceId === undefined || sourceInstanceId === '')
    // One without our tags cannot have given them: Packer's own first image of an encrypted one.
    return (nodeOf.get(sourceImageId) ?? '') === '' ? undefined : { kind: 'copy', of: sourceImageId };
  // An image that was adopted has no such tag: then a machine of the node's own image is a server.
  const isOfServer =
    sourceAmi === undefined ? nodeOf.get(sourceImageId) === node : sourceAmi !== sourceImageId;
  return isOfServer ? { kind: 'of-server', launchedFrom: sourceImageId } : undefined;
}

/** With which image, and of which machine, EC2 made a snapshot; undefined: with none. */
export function madeWith(description: string): { imageId?: string; instanceId?: string } | undefined {
  const created = /^Created by CreateImage\((i-\w+)\)(?: for (ami-\w+))?/.exec(description);
  if (created !== null) {
    const [, instanceId = '', imageId] = created;
    return { instanceId, ...(imageId === undefined ? {} : { imageId }) };
  }
  const copied = /^Copied for DestinationAmi (ami-\w+)/.exec(description);
  return copied?.[1] === undefined ? undefined : { imageId: copied[1] };
}

/** A tag on a snapshot that no bake puts there, and that a copy of a server's or an image's tags, or AWS, does. */
export function strayTag(keys: Iterable<string>): string | undefined {
  const strays: readonly string[] = [
    tag.verified,
    tag.rejected,
    tag.promoted,
    tag.previous,
    tag.revoked,
    tag.contents,
  ];
  return [...keys].find((key) => key.startsWith('aws:') || strays.includes(key));
}

/** What is known of a snapshot when its origin is judged. */
interface SnapshotOrigin {
  description: string;
  /** See {@link strayTag}. */
  strayTag: string | undefined;
}

/**
 * Why a snapshot with our tags is not a bake's; undefined: an image of ours maps or mapped it, as far as EC2 shows.
 * @param images this account's in this region
 */
export function whySnapshotIsNotOurs(
  { description, strayTag: stray }: SnapshotOrigin,
  images: readonly { id: string; notOurs: NotOurs | undefined }[] = [],
): NotOurSnapshot | undefined {
  if (stray !== undefined) return { kind: 'stray-tag', tag: stray };
  const made = madeWith(description);
  if (made === undefined) return { kind: 'not-of-image' };
  const others = images.find(({ id, notOurs }) => id === made.imageId && notOurs !== undefined);
  return others === undefined ? undefined : { kind: 'of-others-image', image: others.id };
}

/** The rest of a sentence after `not ours: `, for a person. */
export function notOursSentence(why: NotOurs): string {
  switch (why.kind) {
    case 'no-node':
      return `it has tags of an image, but not ${tag.node}`;
    case 'name':
      return `its name ${why.name} is not ${why.node}-UNIXSECONDS`;
    case 'of-server':
      return `it was made from a server that was launched from ${why.launchedFrom}`;
    case 'copy':
      return `it is a copy of ${why.of}, made in this region`;
    case 'not-of-image':
      return 'it was not made with an image, so it may be a backup';
    case 'stray-tag':
      return `it has the tag ${why.tag}, which no bake puts on a snapshot`;
    case 'of-others-image':
      return `it was made with ${why.image}, which is not ours`;
  }
}
