import { rootMapping } from '../api/block-devices.ts';
import { encryption } from '../api/encryption.ts';
import { Fault, invalidValue, unsupported } from '../api/fault.ts';
import { groupNamed } from '../api/group-lookup.ts';
import { keyPairNamed } from '../api/key-pair-lookup.ts';
import { find } from '../api/resource-ids.ts';
import type { Decoded } from '../api/shapes.ts';
import { readTagSpecifications } from '../api/tags.ts';
import { resolveImage } from '../parameters/resolve-image.ts';
import { zoneOf } from '../region.ts';
import { freeAddresses } from '../state/addresses.ts';
import type { Image, ImageMapping, KeyPair, MetadataOptions, State, Tags } from '../state/model.ts';
import { fillFromTemplate } from './from-template.ts';
import type { launchFields } from './launch-fields.ts';
import { readMetadata } from './metadata-options.ts';
import { checkType } from './types.ts';

/** A launch of which everything is known to be right. */
export interface LaunchPlan {
  readonly given: Decoded<typeof launchFields>;
  readonly image: Image;
  readonly type: string;
  readonly addresses: readonly string[];
  readonly keyPair: KeyPair | undefined;
  readonly groupIds: string[];
  readonly mapping: ImageMapping;
  readonly layers: string[];
  /** What the root volume is encrypted with. */
  readonly encryption: { readonly kmsKeyId?: string };
  readonly metadata: MetadataOptions;
  readonly tagsFor: (type: string) => Tags;
}

const maxUserData = 16 * 1024;

/** Finds all that is wrong with a launch, or what it needs. */
export function planLaunch(asked: Decoded<typeof launchFields>, state: State): LaunchPlan {
  const { given, tags } = fillFromTemplate(asked, state);
  const image = find(state.images, 'image', resolveImage(state, needed(given.ImageId, 'ImageId')));
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
  if (given.HibernationOptions?.Configured === true)
    throw unsupported('The local cloud cannot hibernate instances');
  if (given.EnclaveOptions?.Enabled === true) throw unsupported('The local cloud has no enclaves');
  checkPlace(given, state);
  const [root] = image.mappings;
  if (root === undefined) throw new Error(`image ${image.id} has no root device`);
  const mapping = rootMapping(root, given.BlockDeviceMapping, state.snapshots);
  const { layers, kmsKeyId } = find(state.snapshots, 'snapshot', mapping.snapshotId ?? '');
  const tagsFor = readTagSpecifications(given.TagSpecification, 'instance', 'volume', 'network-interface');
  return {
    given,
    image,
    type,
    addresses: takeAddresses(needed(given.MinCount, 'MinCount'), needed(given.MaxCount, 'MaxCount'), state),
    keyPair: given.KeyName === undefined ? undefined : keyPairNamed(state, given.KeyName),
    groupIds: groupsOf(given, state),
    mapping,
    layers,
    encryption: encryption(state, kmsKeyId),
    metadata: readMetadata(given.MetadataOptions, image),
    tagsFor: (kind) => ({ ...tagsFor(kind), ...(kind === 'instance' ? tags : {}) }),
  };
}

/** Neither the call nor its template may be silent about some parameters. */
function needed<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw new Fault('MissingParameter', `The request must contain the parameter ${name}`);
}

function checkPlace(
  { SubnetId, NetworkInterface, Placement }: Decoded<typeof launchFields>,
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
  if (wanted !== undefined && wanted !== zoneOf(account))
    throw invalidValue(`Invalid availability zone: [${wanted}]`);
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

function groupsOf(given: Decoded<typeof launchFields>, state: State): string[] {
  const ids = [...given.SecurityGroupId, ...(given.NetworkInterface[0]?.SecurityGroupId ?? [])];
  const found = [
    ...ids.map((id) => find(state.groups, 'group', id)),
    ...given.SecurityGroup.map((name) => groupNamed(state, name)),
  ];
  return [...new Set((found.length > 0 ? found : [groupNamed(state, 'default')]).map(({ id }) => id))];
}
