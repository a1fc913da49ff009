import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Node } from '../../nodes/node.ts';
import { codeOf } from '../../aws/ec2-failure.ts';
import { type BakeName, proofKeyName } from '../../leftovers/resource.ts';
import { bakeGroup, bakePlaces, PreflightError } from '../../aws/bake-place.ts';
import type { ServerState } from './look-at-server.ts';
import { sdk } from '../../aws/sdk.ts';
import { tag } from '../../aws/tags.ts';

const {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  GetConsoleOutputCommand,
  ImportKeyPairCommand,
  RunInstancesCommand,
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
