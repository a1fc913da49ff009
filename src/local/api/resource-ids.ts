import { Fault } from './fault.ts';

/** Each kind of resource: how its ids begin, what EC2 calls it in errors and in tags. */
const kinds = {
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
} as const;

export type Kind = keyof typeof kinds;

/** The Fault of an id that nothing has: `.Malformed` when it could never be one, else `.NotFound`. */
export function missing(kind: Kind, id: string): Fault {
  const { prefix, code, noun } = kinds[kind];
  if (new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) {
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
