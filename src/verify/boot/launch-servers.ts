import type { EC2Client } from '@aws-sdk/client-ec2';
import { bakeGroup, bakePlaces, PreflightError } from '../../aws/bake-place.ts';
import { codeOf } from '../../aws/ec2-failure.ts';
import { sdk } from '../../aws/sdk.ts';
import { tag } from '../../aws/tags.ts';
import { type BakeName, proofKeyName } from '../../leftovers/resource.ts';
import { removeServers } from '../../leftovers/verify-servers.ts';
import type { Node } from '../../nodes/node.ts';

const {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  GetConsoleOutputCommand,
  ImportKeyPairCommand,
  RunInstancesCommand,
} = sdk('@aws-sdk/client-ec2');

/** Earlier versions wrote the same values: what they left must still be found. */
const serverTags = ({ node, run }: BakeName) => [
  { Key: 'Name', Value: `Bakehouse proves ${node}` },
  { Key: tag.node, Value: node },
  { Key: tag.run, Value: run },
  { Key: tag.proof, Value: 'true' },
];

/** Where an image was baked: its servers are launched there, too. */
export interface ServerPlace {
  vpc: string;
  subnet?: string | undefined;
  /** Those that let ssh in; absent: Packer had made one for the bake. */
  groups?: readonly string[] | undefined;
}

/** An image, and the bake that made it. */
export interface BakedImage {
  node: Node;
  run: string;
  imageId: string;
  place?: ServerPlace | undefined;
}

/**
 * Launches two servers of an image as the node's servers are launched, in the bake's group as well, which lets ssh in.
 * Everything has the bake's tags from its first second. Returns their ids.
 * @throws PreflightError in a sentence; CloudError when the cloud is not available.
 */
export async function launchServers(
  ec2: EC2Client,
  { node, run, imageId, place }: BakedImage,
  publicKey: string,
): Promise<string[]> {
  const bake = { node: node.name, run };
  const { subnet_id: named, associate_public_ip_address: publicAddress, iam_instance_profile } = node.packer;
  const ordered = typeof named === 'string' ? { subnet: { id: named } } : {};
  // A record of an earlier version names no place.
  const where = place ?? {
    ...(await bakePlaces(ec2, { ...ordered, groups: 'temporary' }))[0],
    groups: undefined,
  };
  const groups = await groupIds(ec2, node, where);
  const keyName = proofKeyName(bake);
  const tags = (type: 'instance' | 'volume' | 'key-pair') => ({ ResourceType: type, Tags: serverTags(bake) });
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

async function groupIds(ec2: EC2Client, node: Node, { vpc, groups: ofBake }: ServerPlace): Promise<string[]> {
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

/** A server as EC2 has it. */
export interface ServerState {
  state: string;
  /** Where ssh reaches it. */
  address: string | undefined;
  /** Why it is in that state, as a code: `Client.InstanceInitiatedShutdown`. */
  reason?: string | undefined;
}

/** A server's state; undefined as long as EC2 does not list it. */
async function describeServer(
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
async function consoleTail(ec2: EC2Client, id: string): Promise<string> {
  const { Output: output = '' } = await ec2.send(
    new GetConsoleOutputCommand({ InstanceId: id, Latest: true }),
  );
  return Buffer.from(output, 'base64').toString().trimEnd().split('\n').slice(-20).join('\n');
}

/** The servers of images in EC2. */
export interface ImageServers {
  launch: (image: BakedImage, publicKey: string) => Promise<string[]>;
  describe: (id: string, overPrivate: boolean) => Promise<ServerState | undefined>;
  consoleTail: (id: string) => Promise<string>;
  /** Terminates a bake's servers, those that were just launched for sure, and deletes their key. Returns what is left. */
  remove: (bake: BakeName, launched?: readonly string[]) => Promise<string[]>;
}

/** The servers of images over a client of EC2. */
export function imageServers(ec2: EC2Client): ImageServers {
  return {
    launch: launchServers.bind(undefined, ec2),
    describe: describeServer.bind(undefined, ec2),
    consoleTail: consoleTail.bind(undefined, ec2),
    remove: removeServers.bind(undefined, ec2),
  };
}
