import type { Image as Ec2Image } from '@aws-sdk/client-ec2';
import { allPages, type Page } from './pages.ts';
import { tag, tagMap } from './tags.ts';

/** An image that a bake made. */
export interface Image {
  id: string;
  /** From the tag; a name's prefix says nothing (`web` is not `web-db`). */
  node: string;
  name: string;
  /** Milliseconds since the epoch; undefined when EC2 does not say or it is no date. */
  createdMs: number | undefined;
  /** As EC2 has it: `available`, `pending`, `failed`, … */
  state: string;
  verified: boolean;
  /** verify has not passed it; then `verified` is false. */
  rejected: boolean;
  /** The pipeline run of the bake; empty when it is not tagged. */
  run: string;
  snapshotIds: string[];
}

/** A call of DescribeImages. */
export type DescribeImages = (query: {
  Owners: string[];
  Filters: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Images?: Ec2Image[] | undefined } & Page>;

const pageSize = 500;

/** All images of this account that bear a node's tag, in no order. */
export async function listImages(describe: DescribeImages): Promise<Image[]> {
  const answers = await allPages((next) =>
    describe({
      Owners: ['self'],
      Filters: [{ Name: 'tag-key', Values: [tag.node] }],
      MaxResults: pageSize,
      ...next,
    }),
  );
  const found = answers.flatMap(({ Images: images = [] }) => images).map(imageOf);
  // What is registered between two pages may be on both.
  return [...new Map(found.map((image) => [image.id, image])).values()];
}

/** An image as EC2 describes it, in our words. */
export function imageOf(image: Ec2Image): Image {
  const tags = tagMap(image.Tags);
  const createdMs = Date.parse(image.CreationDate ?? '');
  return {
    id: image.ImageId ?? '',
    node: tags.get(tag.node) ?? '',
    name: image.Name ?? '',
    createdMs: Number.isNaN(createdMs) ? undefined : createdMs,
    state: image.State ?? 'unknown',
    verified: tags.get(tag.verified) === 'true' && !tags.has(tag.rejected),
    rejected: tags.has(tag.rejected),
    run: tags.get(tag.run) ?? '',
    snapshotIds: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs: ebs }) => ebs?.SnapshotId ?? []),
  };
}
