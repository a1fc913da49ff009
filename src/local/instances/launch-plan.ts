import { blockDevicesShape, rootMapping } from '../api/block-devices.ts';
import { Fault, invalidValue, unsupported } from '../api/fault.ts';
import { groupNamed } from '../api/group-lookup.ts';
import { keyPairNamed } from '../api/key-pair-lookup.ts';
import { find } from '../api/resource-ids.ts';
import { blob, flag, group, integer, list, oneOf, required, text, type Decoded } from '../api/shapes.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import { zone } from '../cloud.ts';
import { freeAddresses } from '../state/addresses.ts';
import type { Image, ImageMapping, KeyPair, MetadataOptions, State, Tags } from '../state/model.ts';
import { metadataShape, readMetadata } from './metadata-options.ts';
import { checkType } from './types.ts';

export const launchShape = {
  ImageId: required(text),
  MinCount: required(integer),
  MaxCount: required(integer),
  InstanceType: text,
  KeyName: text,
  UserData: blob,
  ClientToken: text,
  SubnetId: text,
  SecurityGroup: list(text),
  SecurityGroupId: list(text),
  NetworkInterface: list(
    group({
      DeviceIndex: integer,
      SubnetId: text,
      SecurityGroupId: list(text),
      AssociatePublicIpAddress: flag,
      DeleteOnTermination: flag,
      Description: text,
      NetworkCardIndex: integer,
    }),
  ),
  BlockDeviceMapping: blockDevicesShape,
  TagSpecification: tagSpecificationShape,
  InstanceInitiatedShutdownBehavior: oneOf('stop', 'terminate'),
  MetadataOptions: metadataShape,
  Placement: group({ AvailabilityZone: text, Tenancy: oneOf('default') }),
  Monitoring: group({ Enabled: flag }),
  CreditSpecification: group({ CpuCredits: oneOf('standard', 'unlimited') }),
  EbsOptimized: flag,
  DisableApiTermination: flag,
};

/** A launch of which everything is known to be right. */
export interface LaunchPlan {
  readonly given: Decoded<typeof launchShape>;
  readonly image: Image;
  readonly type: string;
  readonly addresses: readonly string[];
  readonly keyPair: KeyPair | undefined;
  readonly groupIds: string[];
  readonly mapping: ImageMapping;
  readonly layers: string[];
  readonly metadata: MetadataOptions;
  readonly tagsFor: (type: string) => Tags;
}

const maxUserData = 16 * 1024;

/** Finds all that is wrong with a launch, or what it needs. */
export function planLaunch(given: Decoded<typeof launchShape>, state: State): LaunchPlan {
  const image = find(state.images, 'image', given.ImageId);
  if (image.state !== 'available') {
    throw new Fault(
      'InvalidAMIID.Unavailable',
      `The image ID '${image.id}' is not available: it is ${image.state}`,
    );
  }
  const type = given.InstanceType ?? 'm1.small';
  checkType(type);
  if (Buffer.from(given.UserData ?? '', 'base64').length > maxUserData) {
    throw invalidValue(`User data is limited to ${maxUserData} bytes`);
  }
  checkPlace(given, state);
  const [root] = image.mappings;
  if (root === undefined) throw new Error(`image ${image.id} has no root device`);
  const mapping = rootMapping(root, given.BlockDeviceMapping, state.snapshots);
  const { layers } = find(state.snapshots, 'snapshot', mapping.snapshotId ?? '');
  return {
    given,
    image,
    type,
    addresses: takeAddresses(given.MinCount, given.MaxCount, state),
    keyPair: given.KeyName === undefined ? undefined : keyPairNamed(state, given.KeyName),
    groupIds: groupsOf(given, state),
    mapping,
    layers,
    metadata: readMetadata(given.MetadataOptions, image),
    tagsFor: readTagSpecifications(given.TagSpecification, 'instance', 'volume', 'network-interface'),
  };
}

function checkPlace(
  { SubnetId, NetworkInterface, Placement }: Decoded<typeof launchShape>,
  { account }: State,
): void {
  if (NetworkInterface.length > 1)
    throw unsupported(`The local cloud's instances have one network interface`);
  if (NetworkInterface.length > 0 && SubnetId !== undefined) {
    throw new Fault(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  }
  const subnetId = SubnetId ?? NetworkInterface[0]?.SubnetId;
  if (subnetId !== undefined) find({ [account.subnetId]: account }, 'subnet', subnetId);
  const wanted = Placement?.AvailabilityZone;
  if (wanted !== undefined && wanted !== zone) throw invalidValue(`Invalid availability zone: [${wanted}]`);
}

function takeAddresses(min: number, max: number, state: State): string[] {
  if (min < 1 || max < min) {
    throw invalidValue(
      `Value (${max}) for parameter maxCount is invalid. It must be at least minCount, which is at least 1`,
    );
  }
  const free = freeAddresses(state);
  if (free.length < min) {
    throw new Fault(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${state.account.subnetId}'`,
    );
  }
  return free.slice(0, max);
}

function groupsOf(given: Decoded<typeof launchShape>, state: State): string[] {
  const ids = [...given.SecurityGroupId, ...(given.NetworkInterface[0]?.SecurityGroupId ?? [])];
  const found = [
    ...ids.map((id) => find(state.groups, 'group', id)),
    ...given.SecurityGroup.map((name) => groupNamed(state, name)),
  ];
  return [...new Set((found.length > 0 ? found : [groupNamed(state, 'default')]).map(({ id }) => id))];
}
