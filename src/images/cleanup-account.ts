import { setTimeout as pause } from 'node:timers/promises';
import {
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2';
import { connectEc2 } from './ec2.ts';
import { type DescribeImages, imageOf, listImages } from './list-images.ts';
import { allPages } from './pages.ts';
import { type DescribeInstances, findReferences } from './references.ts';
import { tag, tagMap } from './tags.ts';

/**
 * What cleanup asks of the account.
 * @throws CloudError when region or credentials are missing.
 */
export async function cleanupAccount() {
  const ec2 = await connectEc2();
  const describeImages: DescribeImages = (query) => ec2.send(new DescribeImagesCommand(query));
  const describeInstances: DescribeInstances = (query) => ec2.send(new DescribeInstancesCommand(query));
  return {
    region: await ec2.config.region(),
    images: () => listImages(describeImages),
    references: () => findReferences(describeInstances),
    users: async (id: string) => (await findReferences(describeInstances, id)).get(id) ?? [],
    image: async (id: string) => {
      const { Images: [found] = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
      return found === undefined ? undefined : imageOf(found);
    },
    imagesOf: async (snapshotId: string) => {
      const filters = [{ Name: 'block-device-mapping.snapshot-id', Values: [snapshotId] }];
      const answers = await allPages((next) =>
        describeImages({ Owners: ['self'], Filters: filters, MaxResults: 100, ...next }),
      );
      return answers.flatMap(({ Images: images = [] }) => images.map(({ ImageId: id = '' }) => id));
    },
    snapshotNode: async (id: string) => {
      const query = new DescribeSnapshotsCommand({ SnapshotIds: [id], OwnerIds: ['self'] });
      const { Snapshots: [found] = [] } = await ec2.send(query);
      return tagMap(found?.Tags).get(tag.node);
    },
    deregister: (id: string) => ec2.send(new DeregisterImageCommand({ ImageId: id })),
    deleteSnapshot: (id: string) => ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })),
    pause,
  };
}
