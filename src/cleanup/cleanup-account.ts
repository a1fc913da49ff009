import { setTimeout as pause } from 'node:timers/promises';
import { clockOffsetMs, cloudTime, connectEc2 } from '../aws/connect.ts';
import { malformed } from '../aws/ec2-failure.ts';
import {
  type DescribeImages,
  type Image,
  imageOf,
  listImages,
  type DescribeSnapshots,
  listSnapshots,
  snapshotOf,
} from '../aws/images.ts';
import { collectPages } from '../aws/answers.ts';
import type { ReferenceOptions } from '../references/find-references.ts';
import { byId, mergeReferences } from '../references/reference.ts';
import { referenceAccount } from '../references/reference-account.ts';
import { findRelatedImages } from '../references/related-images.ts';
import { runsWithInstances } from './running-runs.ts';
import { sdk } from '../aws/sdk.ts';
import { tag } from '../aws/tags.ts';

const {
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
} = sdk('@aws-sdk/client-ec2');

/**
 * What cleanup asks of the account.
 * @param say a line for the person who runs it
 * @throws CloudError when region or credentials are missing, or the account does not answer.
 */
export async function cleanupAccount(options: ReferenceOptions, say: (line: string) => void) {
  const ec2 = await connectEc2();
  const region = await ec2.config.region();
  const { references, confirm, users, accountId } = await referenceAccount(options);
  const describeImages: DescribeImages = (query) => ec2.send(new DescribeImagesCommand(query));
  const describeSnapshots: DescribeSnapshots = (query) => ec2.send(new DescribeSnapshotsCommand(query));
  let isTold = false;
  return {
    region,
    account: await accountId(),
    now: () => {
      const offsetMs = clockOffsetMs();
      if (offsetMs !== 0 && !isTold) {
        isTold = true;
        const way = offsetMs < 0 ? 'fast' : 'slow';
        const minutes = Math.round(Math.abs(offsetMs) / 60_000);
        say(`warning: this computer's clock is ${minutes} min ${way}: EC2's time counts`);
      }
      return cloudTime();
    },
    images: () => listImages(describeImages),
    snapshots: () => listSnapshots(describeSnapshots),
    runsWithInstances: (images: readonly Image[]) =>
      runsWithInstances((query) => ec2.send(new DescribeInstancesCommand(query)), images),
    references: async (images: readonly Image[]) => {
      const related = findRelatedImages(images, region).filter(({ kind }) => !options.ignore.has(kind));
      return mergeReferences(await references(), byId(related));
    },
    confirm,
    users,
    image: async (id: string) => {
      const { Images: found } = await ec2.send(
        new DescribeImagesCommand({ ImageIds: [id], IncludeDisabled: true }),
      );
      if (found === undefined) throw malformed('ec2:DescribeImages');
      return found.map(imageOf)[0];
    },
    imagesOfNode: (node: string) => listImages(describeImages, [{ Name: 'name', Values: [`${node}-*`] }]),
    assertThere: (ids: readonly string[], node: string) =>
      ec2.send(new CreateTagsCommand({ Resources: [...ids], Tags: [{ Key: tag.node, Value: node }] })),
    imagesOf: (snapshotId: string) => {
      const filters = [{ Name: 'block-device-mapping.snapshot-id', Values: [snapshotId] }];
      return collectPages(
        (next) =>
          describeImages({
            Owners: ['self'],
            Filters: filters,
            IncludeDisabled: true,
            MaxResults: 100,
            ...next,
          }),
        ({ Images: images }) => images?.map(({ ImageId: id = '' }) => id),
        'ec2:DescribeImages',
      );
    },
    snapshot: async (id: string) => {
      const { Snapshots: found } = await ec2.send(
        new DescribeSnapshotsCommand({ SnapshotIds: [id], OwnerIds: ['self'] }),
      );
      if (found === undefined) throw malformed('ec2:DescribeSnapshots');
      return found.map(snapshotOf)[0];
    },
    deregister: (id: string) => ec2.send(new DeregisterImageCommand({ ImageId: id })),
    deleteSnapshot: (id: string) => ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })),
    disable: (id: string) => ec2.send(new DisableImageCommand({ ImageId: id })),
    tag: (ids: readonly string[], Key: string, Value: string) =>
      ec2.send(new CreateTagsCommand({ Resources: [...ids], Tags: [{ Key, Value }] })),
    pause,
  };
}
