import { blob, flag, group, integer, list, oneOf, rawText, required, text, type Decoded } from './shapes.ts';
import { Named, type Xml } from './xml.ts';

const profile = group({ Arn: text, Name: text });
const placement = group({ AvailabilityZone: text, GroupName: text, Tenancy: text });
const networkInterfaces = list(
  group({
    DeviceIndex: integer,
    NetworkCardIndex: integer,
    SubnetId: text,
    SecurityGroupId: list(text),
    AssociatePublicIpAddress: flag,
    DeleteOnTermination: flag,
    Description: text,
    NetworkInterfaceId: text,
    PrivateIpAddress: text,
  }),
);

export const blockDevicesShape = list(
  group({
    DeviceName: required(text),
    NoDevice: rawText,
    VirtualName: text,
    Ebs: group({
      SnapshotId: text,
      VolumeSize: integer,
      VolumeType: text,
      Iops: integer,
      Throughput: integer,
      DeleteOnTermination: flag,
      Encrypted: flag,
    }),
  }),
);

/** What a launch template's version says. Nothing of it is checked before it is used, as on EC2. */
export const launchDataFields = {
  ImageId: text,
  InstanceType: text,
  KeyName: text,
  UserData: blob,
  EbsOptimized: flag,
  IamInstanceProfile: profile,
  SecurityGroupId: list(text),
  SecurityGroup: list(text),
  BlockDeviceMapping: blockDevicesShape,
  NetworkInterface: networkInterfaces,
  TagSpecification: list(
    group({ ResourceType: required(text), Tag: list(group({ Key: required(text), Value: rawText })) }),
  ),
  Monitoring: group({ Enabled: flag }),
  Placement: placement,
  DisableApiTermination: flag,
  DisableApiStop: flag,
  HibernationOptions: group({ Configured: flag }),
  InstanceInitiatedShutdownBehavior: oneOf('stop', 'terminate'),
  CreditSpecification: group({ CpuCredits: text }),
  InstanceMarketOptions: group({
    MarketType: text,
    SpotOptions: group({ MaxPrice: text, SpotInstanceType: text, InstanceInterruptionBehavior: text }),
  }),
  MetadataOptions: group({
    HttpTokens: oneOf('optional', 'required'),
    HttpPutResponseHopLimit: integer,
    HttpEndpoint: oneOf('enabled', 'disabled'),
    InstanceMetadataTags: oneOf('enabled', 'disabled'),
  }),
};

/** What a spot request, and a spot fleet without templates, would launch. */
export const specificationFields = {
  ImageId: text,
  InstanceType: text,
  KeyName: text,
  UserData: blob,
  EbsOptimized: flag,
  IamInstanceProfile: profile,
  SecurityGroupId: list(text),
  SecurityGroup: list(text),
  BlockDeviceMapping: blockDevicesShape,
  Monitoring: group({ Enabled: flag }),
  Placement: placement,
  SubnetId: text,
};

/** Launch parameters under the names of EC2's wire; what was not given is absent. */
export type LaunchData = Partial<Decoded<typeof launchDataFields>>;
export type LaunchSpecification = Partial<Decoded<typeof specificationFields>> & {
  readonly SpotPrice?: string | undefined;
  readonly WeightedCapacity?: string | undefined;
};

/** Drops what was not given, so that what is given can be laid over something else. */
export function givenOf<T extends object>(data: T): Partial<T> {
  const given = Object.entries(data).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(given) as Partial<T>;
}

/** The names of lists in a launch template's answer; other names differ from the request's by their first letter. */
const lists: Readonly<Record<string, string>> = {
  BlockDeviceMapping: 'blockDeviceMappingSet',
  NetworkInterface: 'networkInterfaceSet',
  TagSpecification: 'tagSpecificationSet',
  Tag: 'tagSet',
  SecurityGroupId: 'securityGroupIdSet',
  SecurityGroup: 'securityGroupSet',
};

/** The data of a launch template's version as DescribeLaunchTemplateVersions shows it. */
export function launchDataAnswer({ NetworkInterface = [], ...data }: LaunchData): Xml {
  const interfaces = NetworkInterface.map(({ SecurityGroupId, ...rest }) => ({
    ...wireNames(givenOf(rest)),
    groupSet: SecurityGroupId.length === 0 ? undefined : new Named('groupId', SecurityGroupId),
  }));
  return {
    ...wireNames(givenOf(data)),
    networkInterfaceSet: interfaces.length === 0 ? undefined : interfaces,
  };
}

/** Gives every field its name in answers. */
export function wireNames(data: object): Readonly<Record<string, Xml>> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [
      lists[name] ?? name.charAt(0).toLowerCase() + name.slice(1),
      wireValue(value),
    ]),
  );
}

function wireValue(value: unknown): Xml {
  if (Array.isArray(value)) return value.map(wireValue);
  if (typeof value === 'object' && value !== null) return wireNames(givenOf(value));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return undefined;
}
