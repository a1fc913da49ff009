import type { Image as Ec2Image, Snapshot, TagSpecification } from '@aws-sdk/client-ec2';
import { collectPages, inParts, required } from '../aws/answers.ts';
import { connect, connectEc2 } from '../aws/connect.ts';
import { codeOf } from '../aws/ec2-failure.ts';
import { type Image, imageOf, listImages } from '../aws/images.ts';
import { madeWith } from '../aws/ours.ts';
import { sdk } from '../aws/sdk.ts';
import { tag } from '../aws/tags.ts';
import { type LaunchTemplateCalls, launchTemplateCalls } from './launch-template-calls.ts';
import { type ParameterCalls, parameterCalls } from './parameter-calls.ts';

const {
  CopyImageCommand,
  CreateTagsCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
} = sdk('@aws-sdk/client-ec2');
const { SSMClient } = sdk('@aws-sdk/client-ssm');

/** An image, with what only promote asks of it. */
export interface RegionImage extends Image {
  /** Why it is failed, in EC2's words. */
  stateReason: string | undefined;
  /** A snapshot of it is encrypted. */
  encrypted: boolean;
}

/** A copy that is to be made. */
export interface CopyRequest {
  sourceId: string;
  sourceRegion: string;
  name: string;
  /** None: as the source, or as the region encrypts by itself. */
  kmsKey: string | undefined;
  /** Equal tokens, one copy. */
  token: string;
  tags: Record<string, string>;
  snapshotTags: Record<string, string>;
}

/** One region of the account, as promote sees it. Each call throws what EC2 or Systems Manager throws. */
export interface RegionAccount extends ParameterCalls, LaunchTemplateCalls {
  readonly region: string;
  /** This account's images whose names are as those of the bakes of these nodes, whoever made them; disabled ones, too. */
  imagesOfNodes: (nodes: readonly string[]) => Promise<RegionImage[]>;
  /** This account's images that have a node's tag, whatever their names; disabled ones, too. */
  taggedImages: () => Promise<RegionImage[]>;
  /** This account's images with these ids; those that are gone are left out. */
  imagesById: (ids: readonly string[]) => Promise<RegionImage[]>;
  /** An image of any account; undefined: there is none, or it may not be seen. */
  anyImage: (id: string) => Promise<RegionImage | undefined>;
  /** Begins a copy in this region; its id. */
  copyImage: (copy: CopyRequest) => Promise<string>;
  /** How much of these copies that EC2 is making in this region is there, in percent; one of which EC2 does not say is left out. */
  copied: (ids: readonly string[]) => Promise<Map<string, number>>;
  deregister: (id: string) => Promise<unknown>;
  tag: (ids: readonly string[], tags: Record<string, string>) => Promise<unknown>;
  /** This account's images that the other account was allowed to launch. */
  imagesSharedWith: (accountId: string) => Promise<Set<string>>;
  /** This account's snapshots that the other account was allowed to read. */
  snapshotsSharedWith: (accountId: string) => Promise<Set<string>>;
  shareImage: (id: string, accountIds: readonly string[]) => Promise<unknown>;
  shareSnapshot: (id: string, accountIds: readonly string[]) => Promise<unknown>;
}

/** Values of a filter that EC2 takes in a call. */
const maxValues = 200;

/**
 * Implements {@link RegionAccount} over EC2 and Systems Manager.
 * @param inRegion none: the account's own
 * @throws CloudError when region or credentials are missing
 */
export async function connectRegion(inRegion?: string): Promise<RegionAccount> {
  const ec2 = await connectEc2(inRegion);
  const ssm = await connect('ssm', (common) => new SSMClient(common), inRegion);
  const region = await ec2.config.region();
  // listImages knows which images are ours; what only promote wants to know is kept beside.
  const list = async (filters: { Name: string; Values: string[] }[]): Promise<RegionImage[]> => {
    const details = new Map<string, ImageDetails>();
    const images = await listImages(async (query) => {
      const page = await ec2.send(new DescribeImagesCommand(query));
      for (const image of page.Images ?? []) details.set(image.ImageId ?? '', detailsOf(image));
      return page;
    }, filters);
    return images.map((image) => ({ ...image, ...(details.get(image.id) ?? noDetails) }));
  };
  return {
    region,
    ...parameterCalls(ssm),
    ...launchTemplateCalls(ec2),
    imagesOfNodes: async (nodes) => {
      const names = nodes.map((node) => `${node}-*`);
      const pages = await Promise.all(
        inParts(names, maxValues).map((values) => list([{ Name: 'name', Values: values }])),
      );
      // `web-*` finds the images of web-db, too.
      return [...new Map(pages.flat().map((image) => [image.id, image])).values()];
    },
    taggedImages: () => list([{ Name: 'tag-key', Values: [tag.node] }]),
    imagesById: async (ids) =>
      (
        await Promise.all(
          inParts(ids, maxValues).map((values) => list([{ Name: 'image-id', Values: values }])),
        )
      ).flat(),
    anyImage: async (id) => {
      const answer = ec2.send(new DescribeImagesCommand({ ImageIds: [id], IncludeDisabled: true }));
      const { Images: found } = await answer.catch((error: unknown) => {
        if (codeOf(error).startsWith('InvalidAMIID.')) return { Images: [] };
        throw error;
      });
      const [image] = required(found, 'ec2:DescribeImages', 'the images');
      return image === undefined ? undefined : { ...imageOf(image), ...detailsOf(image) };
    },
    copyImage: async ({ kmsKey, ...copy }) => {
      const { ImageId: id } = await ec2.send(
        new CopyImageCommand({
          SourceImageId: copy.sourceId,
          SourceRegion: copy.sourceRegion,
          Name: copy.name,
          ClientToken: copy.token,
          TagSpecifications: [
            tagSpecification('image', copy.tags),
            tagSpecification('snapshot', copy.snapshotTags),
          ],
          ...(kmsKey === undefined ? {} : { Encrypted: true, KmsKeyId: kmsKey }),
        }),
      );
      return required(id, 'ec2:CopyImage', "the copy's id");
    },
    copied: async (ids) => {
      const of = ids.map((id) => `Copied for DestinationAmi ${id}*`);
      const pages = await Promise.all(
        inParts(of, maxValues).map((Values) =>
          collectPages(
            (next) =>
              ec2.send(
                new DescribeSnapshotsCommand({
                  ...{ OwnerIds: ['self'], Filters: [{ Name: 'description', Values }], MaxResults: 500 },
                  ...next,
                }),
              ),
            ({ Snapshots: snapshots }) => snapshots,
            'ec2:DescribeSnapshots',
          ),
        ),
      );
      return copiedPercent(pages.flat());
    },
    deregister: (id) => ec2.send(new DeregisterImageCommand({ ImageId: id })),
    tag: (ids, tags) => ec2.send(new CreateTagsCommand({ Resources: [...ids], Tags: tagList(tags) })),
    imagesSharedWith: async (accountId) => {
      const query = { Owners: ['self'], ExecutableUsers: [accountId], MaxResults: 500 };
      const ids = await collectPages(
        (next) => ec2.send(new DescribeImagesCommand({ ...query, ...next })),
        ({ Images: images }) => images?.map(({ ImageId: id = '' }) => id),
        'ec2:DescribeImages',
      );
      return new Set(ids);
    },
    snapshotsSharedWith: async (accountId) => {
      const query = { OwnerIds: ['self'], RestorableByUserIds: [accountId], MaxResults: 500 };
      const ids = await collectPages(
        (next) => ec2.send(new DescribeSnapshotsCommand({ ...query, ...next })),
        ({ Snapshots: snapshots }) => snapshots?.map(({ SnapshotId: id = '' }) => id),
        'ec2:DescribeSnapshots',
      );
      return new Set(ids);
    },
    shareImage: (id, accountIds) =>
      ec2.send(
        new ModifyImageAttributeCommand({
          ImageId: id,
          LaunchPermission: { Add: accountIds.map((UserId) => ({ UserId })) },
        }),
      ),
    shareSnapshot: (id, accountIds) =>
      ec2.send(
        new ModifySnapshotAttributeCommand({
          SnapshotId: id,
          CreateVolumePermission: { Add: accountIds.map((UserId) => ({ UserId })) },
        }),
      ),
  };
}

/** How much of each copy is there, by its snapshots, the larger ones counting more. */
export function copiedPercent(
  snapshots: readonly Pick<Snapshot, 'Description' | 'Progress' | 'VolumeSize'>[],
): Map<string, number> {
  const sums = new Map<string, { done: number; of: number }>();
  for (const { Description: text = '', Progress: progress = '', VolumeSize: size = 1 } of snapshots) {
    const id = madeWith(text)?.imageId;
    const percent = /^(\d+)%$/.exec(progress)?.[1];
    if (id === undefined || percent === undefined) continue;
    const { done, of } = sums.get(id) ?? { done: 0, of: 0 };
    sums.set(id, { done: done + size * Number(percent), of: of + size });
  }
  return new Map([...sums].flatMap(([id, { done, of }]) => (of > 0 ? [[id, done / of]] : [])));
}

type ImageDetails = Pick<RegionImage, 'stateReason' | 'encrypted'>;

const noDetails: ImageDetails = { stateReason: undefined, encrypted: false };

function detailsOf({ StateReason: reason, BlockDeviceMappings: mappings = [] }: Ec2Image): ImageDetails {
  return {
    stateReason: reason?.Message,
    encrypted: mappings.some(({ Ebs: ebs }) => ebs?.Encrypted === true),
  };
}

function tagSpecification(type: 'image' | 'snapshot', tags: Record<string, string>): TagSpecification {
  return { ResourceType: type, Tags: tagList(tags) };
}

function tagList(tags: Record<string, string>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
