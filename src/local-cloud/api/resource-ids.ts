import { Fault } from './fault.ts';

const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Each kind of resource: how its ids begin and go on, what EC2 calls it in errors and in tags. */
const kinds: Readonly<Record<Kind, KindWords>> = {
  image: { prefix: 'ami', code: 'InvalidAMIID', noun: 'image id', type: 'image' },
  snapshot: { prefix: 'snap', code: 'InvalidSnapshot', noun: 'snapshot', type: 'snapshot' },
  volume: { prefix: 'vol', code: 'InvalidVolume', noun: 'volume', type: 'volume' },
  instance: { prefix: 'i', code: 'InvalidInstanceID', noun: 'instance ID', type: 'instance' },
  keyPair: { prefix: 'key', code: 'InvalidKeyPair', noun: 'key pair', type: 'key-pair' },
  group: { prefix: 'sg', code: 'InvalidGroup', noun: 'security group', type: 'security-group' },
  subnet: { prefix: 'subnet', code: 'InvalidSubnetID', noun: 'subnet ID', type: 'subnet' },
  vpc: { prefix: 'vpc', code: 'InvalidVpcID', noun: 'vpc ID', type: 'vpc' },
  interface: {
    prefix: 'eni',
    code: 'InvalidNetworkInterfaceID',
    noun: 'networkInterface ID',
    type: 'network-interface',
  },
  launchTemplate: {
    prefix: 'lt',
    code: 'InvalidLaunchTemplateId',
    noun: 'specified launch template, with template ID',
    type: 'launch-template',
  },
  spotRequest: {
    prefix: 'sir',
    rest: '[0-9a-z]{8}',
    code: 'InvalidSpotInstanceRequestID',
    noun: 'spot instance request ID',
    type: 'spot-instances-request',
  },
  spotFleet: {
    prefix: 'sfr',
    rest: uuid,
    code: 'InvalidSpotFleetRequestId',
    noun: 'spot fleet request ID',
    type: 'spot-fleet-request',
  },
  fleet: { prefix: 'fleet', rest: uuid, code: 'InvalidFleetId', noun: 'fleet ID', type: 'fleet' },
};

interface KindWords {
  readonly prefix: string;
  /** A pattern of what follows the prefix, where it is not EC2's usual number. */
  readonly rest?: string;
  readonly code: string;
  readonly noun: string;
  readonly type: string;
}

export type Kind =
  | 'image'
  | 'snapshot'
  | 'volume'
  | 'instance'
  | 'keyPair'
  | 'group'
  | 'subnet'
  | 'vpc'
  | 'interface'
  | 'launchTemplate'
  | 'spotRequest'
  | 'spotFleet'
  | 'fleet';

/** The Fault of an id that nothing has: `.Malformed` when it could never be one, else `.NotFound`. */
export function missing(kind: Kind, id: string): Fault {
  const { prefix, code, noun, rest = '[0-9a-f]{8}|[0-9a-f]{17}' } = kinds[kind];
  if (new RegExp(`^${prefix}-(${rest})$`).test(id)) {
    return new Fault(`${code}.NotFound`, `The ${noun} '${id}' does not exist`);
  }
  // EC2 has a word of its own for two of them.
  const malformed =
    kind === 'snapshot'
      ? 'InvalidSnapshotID'
      : kind === 'volume'
        ? 'InvalidVolumeID'
        : kind === 'group'
          ? 'InvalidGroupId'
          : code;
  return new Fault(`${malformed}.Malformed`, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}

/** Finds `id` in a table of the state, or throws the Fault. */
export function find<T>(table: Readonly<Record<string, T>>, kind: Kind, id: string): T {
  const item = Object.hasOwn(table, id) ? table[id] : undefined;
  if (item === undefined) throw missing(kind, id);
  return item;
}

/** The kind of an id, by its prefix. */
export function kindOf(id: string): Kind | undefined {
  const prefix = id.slice(0, id.indexOf('-'));
  return (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind].prefix === prefix);
}

/** What tags call a kind: `key-pair`. */
export function resourceType(kind: Kind): string {
  return kinds[kind].type;
}
