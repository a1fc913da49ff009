import { setTimeout as pause } from 'node:timers/promises';
import type { Reservation } from '@aws-sdk/client-ec2';
import { collectPages, type Page } from '../aws/answers.ts';
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
import { sdk } from '../aws/sdk.ts';
import { tag } from '../aws/tags.ts';
import { instanceResource } from '../leftovers/read-resources.ts';
import type { Resource } from '../leftovers/resource.ts';
import { whyNotOfBake } from '../leftovers/whose-resource.ts';
import type { ReferenceOptions } from '../references/find-references.ts';
import { referenceAccount } from '../references/reference-account.ts';
import { byId, mergeReferences } from '../references/reference.ts';
import { findRelatedImages } from '../references/related-images.ts';

const {
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
} = sdk('@aws-sdk/client-ec2');

/** Which references count. */
export interface CleanupReferences extends ReferenceOptions {
  /** The accounts that nodes.yaml lets launch the images of a node. */
  accounts: ReadonlyMap<string, readonly string[]>;
}

/**
 * Implements what cleanup needs over EC2 and the other services.
 * @param say prints a line for the person who runs it
 * @param other another region than the account's own, and the account's id, which the own one has told
 * @throws CloudError when region or credentials are missing, or the account does not answer.
 */
export async function cleanupAccount(
  options: CleanupReferences,
  say: (line: string) => void,
  other?: { region: string; account: string },
) {
  const ec2 = await connectEc2(other?.region);
  const region = await ec2.config.region();
  /** Of the images that were listed. */
  const nodeOf = new Map<string, string>();
  const isPromotedTo = (id: string, account: string) =>
    options.accounts.get(nodeOf.get(id) ?? '')?.includes(account) === true;
  const { references, confirm, users, accountId } = await referenceAccount(
    { ...options, isPromotedTo },
    other?.region,
    other?.account,
  );
  const describeImages: DescribeImages = (query) => ec2.send(new DescribeImagesCommand(query));
  const describeSnapshots: DescribeSnapshots = (query) => ec2.send(new DescribeSnapshotsCommand(query));
  let isSaid = false;
  return {
    region,
    account: await accountId(),
    now: () => {
      const offsetMs = clockOffsetMs();
      if (offsetMs !== 0 && !isSaid) {
        isSaid = true;
        const way = offsetMs < 0 ? 'fast' : 'slow';
        const minutes = Math.round(Math.abs(offsetMs) / 60_000);
        say(`warning: this computer's clock is ${minutes} min ${way}: EC2's time counts`);
      }
      return cloudTime();
    },
    images: async () => {
      const images = await listImages(describeImages);
      for (const { id, node, notOurs } of images) if (notOurs === undefined) nodeOf.set(id, node);
      return images;
    },
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
    copiesTagged: (copiedFrom: string) =>
      listImages(describeImages, [{ Name: `tag:${tag.copiedFrom}`, Values: [copiedFrom] }]),
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

/** A call of DescribeInstances by filters. */
type DescribeTaggedInstances = (query: {
  Filters: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Reservations?: Reservation[] | undefined } & Page>;

/** Every state but terminated: one that is being stopped is still being made an image of. */
const alive = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];

/** The part of an image that tells a bake's machine from a server. */
type KnownImage = Pick<Image, 'id' | 'run'>;

/**
 * The runs with an instance of a bake or of verify: they are going on, or were killed, and then `cleanup --leaks` removes
 * what they left. Servers have the tags of their image, too.
 */
async function runsWithInstances(
  describe: DescribeTaggedInstances,
  images: readonly KnownImage[],
): Promise<Set<string>> {
  const filters = [
    { Name: 'tag-key', Values: [tag.run] },
    { Name: 'instance-state-name', Values: alive },
  ];
  const runOf = new Map(images.map(({ id, run }) => [id, run === '' ? undefined : run]));
  const known = { runOf, ofSnapshot: new Map<string, string[]>(), publicSnapshots: new Set<string>() };
  const machines = await collectPages(
    (next) => describe({ Filters: filters, MaxResults: 500, ...next }),
    ({ Reservations: reservations }) =>
      reservations
        ?.flatMap(({ Instances: instances = [] }) => instances)
        .map((instance) => instanceResource(instance, known)),
    'ec2:DescribeInstances',
  );
  return new Set(machines.filter(mayBeOfBake).map(({ run }) => run));
}

/** An instance of unknown origin counts as a bake's. */
function mayBeOfBake(resource: Resource): boolean {
  const why = whyNotOfBake(resource)?.kind;
  return resource.run !== '' && (why === undefined || why === 'keep-tag' || why === 'origin-unknown');
}
