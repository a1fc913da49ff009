import { setTimeout as pause } from 'node:timers/promises';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import type { Node } from '../../nodes/node.ts';
import { codeOf } from '../../aws/ec2-failure.ts';
import { type BakeName, proofKeyName } from '../../leftovers/thing.ts';
import { bakeGroup, bakePlaces, PreflightError } from '../../aws/bake-place.ts';
import type { ServerState } from './look-at-server.ts';
import { sdk } from '../../aws/sdk.ts';
import { tag } from '../../aws/tags.ts';

const {
  DeleteKeyPairCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  GetConsoleOutputCommand,
  ImportKeyPairCommand,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceTerminated,
} = sdk('@aws-sdk/client-ec2');

/** What is proved, by the names of its bake. */
export type Proof = BakeName;

const proofTags = ({ node, run }: Proof) => [
  { Key: 'Name', Value: `Bakehouse proves ${node}` },
  { Key: tag.node, Value: node },
  { Key: tag.run, Value: run },
  { Key: tag.proof, Value: 'true' },
];

/** Where an image was baked: its servers are launched there, too. */
export interface ProofPlace {
  vpc: string;
  subnet?: string | undefined;
  /** Those that let ssh in; absent: Packer had made one for the bake. */
  groups?: readonly string[] | undefined;
}

/**
 * Launches two servers of an image as the node's servers are launched, in the bake's group besides, since they are
 * looked at over ssh. Everything bears the proof's tags from its first second. Answers their ids.
 * @throws PreflightError in a sentence; CloudError when the cloud is not available.
 */
export async function launchServers(
  ec2: EC2Client,
  place: ProofPlace | undefined,
  node: Node,
  proof: Proof,
  imageId: string,
  publicKey: string,
): Promise<string[]> {
  const { subnet_id: named, associate_public_ip_address: publicAddress, iam_instance_profile } = node.packer;
  const ordered = typeof named === 'string' ? { subnet: { id: named } } : {};
  // A record of an earlier version says no place.
  const where = place ?? {
    ...(await bakePlaces(ec2, { ...ordered, groups: 'temporary' }))[0],
    groups: undefined,
  };
  const groups = await groupIds(ec2, node, where);
  const keyName = proofKeyName(proof);
  const tags = (type: 'instance' | 'volume' | 'key-pair') => ({ ResourceType: type, Tags: proofTags(proof) });
  await ec2.send(
    new ImportKeyPairCommand({
      KeyName: keyName,
      PublicKeyMaterial: Buffer.from(publicKey),
      TagSpecifications: [tags('key-pair')],
    }),
  );
  const inSubnet = where.subnet === undefined ? {} : { SubnetId: where.subnet };
  const network =
    typeof publicAddress === 'boolean'
      ? {
          NetworkInterfaces: [
            { DeviceIndex: 0, AssociatePublicIpAddress: publicAddress, Groups: groups, ...inSubnet },
          ],
        }
      : { SecurityGroupIds: groups, ...inSubnet };
  const { Instances: instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: imageId,
      // The servers' own: a service that needs its memory would fail on a smaller one.
      InstanceType: node.size as never,
      MinCount: 2,
      MaxCount: 2,
      KeyName: keyName,
      InstanceInitiatedShutdownBehavior: 'terminate',
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      TagSpecifications: [tags('instance'), tags('volume')],
      ...(typeof iam_instance_profile === 'string'
        ? { IamInstanceProfile: { Name: iam_instance_profile } }
        : {}),
      ...network,
    }),
  );
  return instances.flatMap(({ InstanceId: id }) => (id === undefined ? [] : [id]));
}

async function groupIds(ec2: EC2Client, node: Node, { vpc, groups: ofBake }: ProofPlace): Promise<string[]> {
  const names = [...new Set([...(ofBake === undefined ? [bakeGroup] : []), ...node.groups])];
  const filters = [
    { Name: 'vpc-id', Values: [vpc] },
    { Name: 'group-name', Values: names },
  ];
  const { SecurityGroups: groups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: filters }),
  );
  const missing = names.filter((name) => !groups.some(({ GroupName: found }) => found === name));
  if (missing.length > 0) {
    throw new PreflightError(`there is no security group named ${missing.join(', ')} in ${vpc}: create it`);
  }
  return [...new Set([...(ofBake ?? []), ...groups.flatMap(({ GroupId: id }) => id ?? [])])];
}

/** A server's state; undefined as long as EC2 does not list it. */
export async function describeServer(
  ec2: EC2Client,
  id: string,
  overPrivate: boolean,
): Promise<ServerState | undefined> {
  try {
    const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const instance = found[0]?.Instances?.[0];
    if (instance === undefined) return undefined;
    const { PublicIpAddress: outer, PrivateIpAddress: inner, State: state, StateReason: reason } = instance;
    const address = overPrivate ? inner : (outer ?? inner);
    return { state: state?.Name ?? '', address, reason: reason?.Code };
  } catch (error) {
    if (codeOf(error) === 'InvalidInstanceID.NotFound') return undefined;
    throw error;
  }
}

/** The end of what a server wrote to its console; empty when EC2 has none. */
export async function consoleTail(ec2: EC2Client, id: string): Promise<string> {
  const { Output: output = '' } = await ec2.send(
    new GetConsoleOutputCommand({ InstanceId: id, Latest: true }),
  );
  return Buffer.from(output, 'base64').toString().trimEnd().split('\n').slice(-20).join('\n');
}

/** How long EC2 may take to know an instance that it has just launched. */
const lateMs = 30_000;

/**
 * Terminates all servers of a proof, deletes the volumes that these leave behind, and its key, also those of one that
 * was killed; answers what is left, with the reason.
 * @param launched which EC2 may not list yet, but must end all the same
 */
export async function removeServers(
  ec2: EC2Client,
  proof: Proof,
  launched: readonly string[] = [],
): Promise<string[]> {
  const left: string[] = [];
  const orTell = async (what: string, how: () => Promise<unknown>) => {
    await how().catch((error: unknown) => {
      if (!/\.(NotFound|Unknown)$/.test(codeOf(error))) left.push(`${what} (${(error as Error).message})`);
    });
  };
  let listed: string[] = [];
  // Without it what was just launched can be ended all the same.
  await orTell(`whatever has the tags ${tag.proof} and ${tag.run}=${proof.run}`, async () => {
    listed = (await serversOf(ec2, proof)).flatMap(({ InstanceId: id }) => id ?? []);
  });
  const ids = [...new Set([...launched, ...listed])];
  // Each by itself: EC2 terminates none of several when it does not know one.
  await Promise.all(ids.map((id) => orTell(id, () => terminate(ec2, id, launched.includes(id)))));
  await orTell(`whatever volume has the tags ${tag.proof} and ${tag.run}=${proof.run}`, async () => {
    for (const id of await volumesOf(ec2, proof))
      await orTell(id, () => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
  });
  const name = proofKeyName(proof);
  await orTell(`key pair ${name}`, () => ec2.send(new DeleteKeyPairCommand({ KeyName: name })));
  return left;
}

async function terminate(ec2: EC2Client, id: string, isNew: boolean): Promise<void> {
  for (const over = Date.now() + lateMs; ;) {
    try {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      break;
    } catch (error) {
      if (!isNew || codeOf(error) !== 'InvalidInstanceID.NotFound') throw error;
      if (Date.now() > over) throw new Error('EC2 does not know it yet: terminate it by hand');
      await pause(1_000);
    }
  }
  const patience = { client: ec2, maxWaitTime: 180, minDelay: 1, maxDelay: 5 };
  await waitUntilInstanceTerminated(patience, { InstanceIds: [id] });
}

/** The volumes of a proof that do not go with their servers, which have ended. */
async function volumesOf(ec2: EC2Client, proof: Proof): Promise<string[]> {
  for (const over = Date.now() + lateMs; ;) {
    const { Volumes: volumes = [] } = await ec2.send(
      new DescribeVolumesCommand({ Filters: filtersOf(proof) }),
    );
    const left = volumes.filter(({ State: state }) => state !== 'deleting' && state !== 'deleted');
    // One that EC2 is about to detach cannot be deleted yet.
    if (left.every(({ State: state }) => state === 'available') || Date.now() > over)
      return left.flatMap(({ VolumeId: id }) => (id === undefined ? [] : [id]));
    await pause(1_000);
  }
}

const filtersOf = ({ node, run }: Proof) => [
  { Name: `tag:${tag.node}`, Values: [node] },
  { Name: `tag:${tag.run}`, Values: [run] },
  { Name: `tag:${tag.proof}`, Values: ['true'] },
];

async function serversOf(ec2: EC2Client, proof: Proof): Promise<Instance[]> {
  const filters = [
    ...filtersOf(proof),
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', 'shutting-down'] },
  ];
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters: filters })) {
    found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
  }
  return found;
}
