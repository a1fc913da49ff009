import { setTimeout as pause } from 'node:timers/promises';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import { codeOf } from '../aws/ec2-failure.ts';
import { sdk } from '../aws/sdk.ts';
import { tag } from '../aws/tags.ts';
import { type BakeName, proofKeyName } from './resource.ts';

const {
  DeleteKeyPairCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  paginateDescribeInstances,
  TerminateInstancesCommand,
  waitUntilInstanceTerminated,
} = sdk('@aws-sdk/client-ec2');

/** How long EC2 may take to know an instance that it has just launched. */
const lateMs = 30_000;

/**
 * Removes what verify launched for a bake, also when that verify was killed: the servers, the volumes that they leave
 * behind, and their key pair. Answers what is left, each with the reason.
 * @param launched servers that EC2 may not list yet, and that must end all the same
 */
export async function removeServers(
  ec2: EC2Client,
  bake: BakeName,
  launched: readonly string[] = [],
): Promise<string[]> {
  const left: string[] = [];
  const orLeft = async (what: string, remove: () => Promise<unknown>) => {
    await remove().catch((error: unknown) => {
      if (!/\.(NotFound|Unknown)$/.test(codeOf(error))) left.push(`${what} (${(error as Error).message})`);
    });
  };
  let listed: string[] = [];
  // When EC2 refuses the list, what was just launched can be terminated all the same.
  await orLeft(`whatever has the tags ${tag.proof} and ${tag.run}=${bake.run}`, async () => {
    listed = (await serversOf(ec2, bake)).flatMap(({ InstanceId: id }) => id ?? []);
  });
  const ids = [...new Set([...launched, ...listed])];
  // One call each: EC2 terminates none of several when it does not know one.
  await Promise.all(ids.map((id) => orLeft(id, () => terminate(ec2, id, launched.includes(id)))));
  await orLeft(`whatever volume has the tags ${tag.proof} and ${tag.run}=${bake.run}`, async () => {
    for (const id of await volumesOf(ec2, bake))
      await orLeft(id, () => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
  });
  const name = proofKeyName(bake);
  await orLeft(`key pair ${name}`, () => ec2.send(new DeleteKeyPairCommand({ KeyName: name })));
  return left;
}

async function terminate(ec2: EC2Client, id: string, isNew: boolean): Promise<void> {
  for (const end = Date.now() + lateMs; ;) {
    try {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      break;
    } catch (error) {
      if (!isNew || codeOf(error) !== 'InvalidInstanceID.NotFound') throw error;
      if (Date.now() > end) throw new Error('EC2 does not know it yet: terminate it by hand');
      await pause(1_000);
    }
  }
  const patience = { client: ec2, maxWaitTime: 180, minDelay: 1, maxDelay: 5 };
  await waitUntilInstanceTerminated(patience, { InstanceIds: [id] });
}

/** The volumes that EC2 did not delete along with their servers, which have ended. */
async function volumesOf(ec2: EC2Client, bake: BakeName): Promise<string[]> {
  for (const end = Date.now() + lateMs; ;) {
    const { Volumes: volumes = [] } = await ec2.send(
      new DescribeVolumesCommand({ Filters: filtersOf(bake) }),
    );
    const left = volumes.filter(({ State: state }) => state !== 'deleting' && state !== 'deleted');
    // A volume that EC2 is about to detach cannot be deleted yet.
    if (left.every(({ State: state }) => state === 'available') || Date.now() > end)
      return left.flatMap(({ VolumeId: id }) => (id === undefined ? [] : [id]));
    await pause(1_000);
  }
}

async function serversOf(ec2: EC2Client, bake: BakeName): Promise<Instance[]> {
  const filters = [
    ...filtersOf(bake),
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', 'shutting-down'] },
  ];
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters: filters })) {
    found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
  }
  return found;
}

function filtersOf({ node, run }: BakeName) {
  return [
    { Name: `tag:${tag.node}`, Values: [node] },
    { Name: `tag:${tag.run}`, Values: [run] },
    { Name: `tag:${tag.proof}`, Values: ['true'] },
  ];
}
