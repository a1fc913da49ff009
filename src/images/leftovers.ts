import {
  DeleteKeyPairCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  TerminateInstancesCommand,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Instance } from '@aws-sdk/client-ec2';
import { codeOf } from './ec2-failure.ts';
import { tag, tagMap } from './tags.ts';

/** A bake that is over, by what it called its things in EC2. */
export interface EndedBake {
  node: string;
  run: string;
  imageName: string;
}

/** What {@link removeLeftovers} found: removed, or still there with the reason. */
export interface Leftovers {
  removed: string[];
  left: string[];
}

/** The name of a bake's temporary key pair; the template says the same. */
export function keyPairName(bake: EndedBake): string {
  return `bakehouse-${bake.node}-${bake.run}`;
}

/**
 * Removes whatever a bake left in EC2 that did not end in an image: its instances, volumes, key pair, and its
 * image with snapshots unless that was verified. Goes on after what fails, and tells it.
 * @throws CloudError when EC2 cannot even be asked.
 */
export async function removeLeftovers(ec2: EC2Client, bake: EndedBake): Promise<Leftovers> {
  const found: Leftovers = { removed: [], left: [] };
  const remove = async (what: string, how: () => Promise<unknown>) => {
    try {
      await how();
      found.removed.push(what);
    } catch (error) {
      if (!/\.(NotFound|Unknown)$/.test(codeOf(error)))
        found.left.push(`${what} (${(error as Error).message})`);
    }
  };
  const ofBake: Filter[] = [
    { Name: `tag:${tag.run}`, Values: [bake.run] },
    { Name: `tag:${tag.node}`, Values: [bake.node] },
  ];
  const instances = await instancesOf(ec2, ofBake);
  for (const { InstanceId: id = '', State: state } of instances) {
    if (state?.Name !== 'terminated') await remove(id, () => terminate(ec2, id));
  }
  const snapshots = await snapshotsOf(ec2, ofBake, instances);
  found.left.push(...(await removeImages(ec2, bake, new Set(snapshots), remove)));
  for (const id of snapshots) {
    await remove(id, () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })));
  }
  for await (const page of paginateDescribeVolumes({ client: ec2 }, { Filters: ofBake })) {
    for (const { VolumeId: id = '' } of page.Volumes ?? []) {
      await remove(id, () => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
    }
  }
  // By name: Packer 1.6 cannot tag it.
  const name = keyPairName(bake);
  const byName = [{ Name: 'key-name', Values: [name] }];
  const { KeyPairs: keys = [] } = await ec2.send(new DescribeKeyPairsCommand({ Filters: byName }));
  if (keys.length > 0)
    await remove(`key pair ${name}`, () => ec2.send(new DeleteKeyPairCommand({ KeyName: name })));
  return found;
}

type Remove = (what: string, how: () => Promise<unknown>) => Promise<void>;

async function instancesOf(ec2: EC2Client, filters: Filter[]): Promise<Instance[]> {
  const instances: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters: filters })) {
    instances.push(...(page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []));
  }
  return instances;
}

async function terminate(ec2: EC2Client, id: string): Promise<void> {
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await waitUntilInstanceTerminated(
    { client: ec2, maxWaitTime: 180, minDelay: 2, maxDelay: 5 },
    { InstanceIds: [id] },
  );
}

/**
 * By its name: Packer tags an image last, so one that was cut off bears no tag. But two bakes of a node that began in
 * the same second want the same name: what is not shown to be this bake's, by its tag or its snapshots, stays.
 */
async function removeImages(
  ec2: EC2Client,
  bake: EndedBake,
  snapshots: ReadonlySet<string>,
  remove: Remove,
): Promise<string[]> {
  const left: string[] = [];
  const byName = [{ Name: 'name', Values: [bake.imageName] }];
  const { Images: images = [] } = await ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: byName }),
  );
  for (const { ImageId: id = '', Tags, BlockDeviceMappings: devices = [] } of images) {
    const tags = tagMap(Tags);
    if (tags.get(tag.verified) === 'true') continue;
    const run = tags.get(tag.run);
    if (run !== undefined && run !== bake.run) continue;
    if (run === undefined && !devices.some(({ Ebs }) => snapshots.has(Ebs?.SnapshotId ?? ''))) {
      left.push(`${id} (${bake.imageName} bears no tag, and may be another bake's)`);
      continue;
    }
    await remove(id, () => ec2.send(new DeregisterImageCommand({ ImageId: id })));
    for (const { Ebs: { SnapshotId: snapshot } = {} } of devices) {
      if (snapshot === undefined) continue;
      await remove(snapshot, () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshot })));
    }
  }
  return left;
}

/**
 * Snapshots of the bake that no image maps (any more): by tag, or by the description that CreateImage gives them,
 * which is all that one bears whose image was cut off.
 */
async function snapshotsOf(ec2: EC2Client, ofBake: Filter[], instances: Instance[]): Promise<string[]> {
  const created = instances.map(({ InstanceId: id = '' }) => `Created by CreateImage(${id})*`);
  const queries: Filter[][] = [
    ofBake,
    ...(created.length > 0 ? [[{ Name: 'description', Values: created }]] : []),
  ];
  const ids = new Set<string>();
  for (const filters of queries) {
    for await (const page of paginateDescribeSnapshots(
      { client: ec2 },
      { OwnerIds: ['self'], Filters: filters },
    )) {
      for (const { SnapshotId: id } of page.Snapshots ?? []) if (id !== undefined) ids.add(id);
    }
  }
  return [...ids];
}
