import type { FilterTable } from '../api/filters.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import { zoneOf } from '../region.ts';
import { domain, hostName } from '../machines/drive.ts';
import { stateCodes } from '../machines/states.ts';
import type { Instance, InstanceState, State, Volume } from '../state/model.ts';

/** `{code, name}` of a state. */
export function stateAnswer(state: InstanceState): Xml {
  return { code: stateCodes[state], name: state };
}

/** The groups of an instance, with their names. */
export function groupSet(groupIds: readonly string[], groups: State['groups']): Xml {
  return groupIds.map((groupId) => ({ groupId, groupName: groups[groupId]?.name ?? '' }));
}

/** The names of its groups. */
export function groupNames({ groupIds }: Instance, groups: State['groups']): string[] {
  return groupIds.flatMap((id) => groups[id]?.name ?? []);
}

/** The volumes that an instance has, as the instance shows them. */
export function deviceMapping(volumes: readonly Volume[]): Xml {
  return volumes.flatMap(({ id, attachment }) =>
    attachment === undefined
      ? []
      : {
          deviceName: attachment.device,
          ebs: {
            volumeId: id,
            status: 'attached',
            attachTime: new Date(attachment.attachedAt),
            deleteOnTermination: attachment.deleteOnTermination,
          },
        },
  );
}

/** The volumes attached to an instance. */
export function volumesOf(instance: Instance, state: Pick<State, 'volumes'>): Volume[] {
  return Object.values(state.volumes).filter(({ attachment }) => attachment?.instanceId === instance.id);
}

const isGone = ({ state }: Instance) => state === 'terminated';
/** Absent where the launch wanted none. */
export const publicAddressOf = ({ address, publicAddress }: Instance) =>
  publicAddress === false ? undefined : address;
export const privateName = ({ address }: Instance) => `${hostName(address)}.${domain}`;

/** An instance as DescribeInstances shows it. */
export function instanceAnswer(instance: Instance, state: State): Xml {
  const { account } = state;
  const gone = isGone(instance);
  const addresses = gone
    ? { privateDnsName: '', dnsName: '' }
    : {
        privateDnsName: privateName(instance),
        // Empty: a public name would have to resolve, and tools prefer it to the address.
        dnsName: '',
        privateIpAddress: instance.address,
        ipAddress: publicAddressOf(instance),
        subnetId: account.subnetId,
        vpcId: account.vpcId,
        groupSet: groupSet(instance.groupIds, state.groups),
        networkInterfaceSet: [interfaceAnswer(instance, state)],
      };
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateAnswer(instance.state),
    reason: instance.transitionReason,
    stateReason: instance.stateReason && {
      code: instance.stateReason.code,
      message: instance.stateReason.message,
    },
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.type,
    launchTime: new Date(instance.launchedAt),
    placement: { availabilityZone: zoneOf(account), groupName: '', tenancy: 'default' },
    monitoring: { state: instance.monitored ? 'enabled' : 'disabled' },
    ...addresses,
    sourceDestCheck: true,
    architecture: 'x86_64',
    rootDeviceType: 'ebs',
    rootDeviceName: instance.rootDeviceName,
    blockDeviceMapping: deviceMapping(volumesOf(instance, state)),
    virtualizationType: 'hvm',
    clientToken: instance.clientToken ?? '',
    hypervisor: 'xen',
    ebsOptimized: instance.ebsOptimized,
    enaSupport: instance.enaSupport,
    sriovNetSupport: instance.sriovNetSupport ? 'simple' : undefined,
    capacityReservationSpecification: {
      capacityReservationPreference: instance.capacityReservations ?? 'open',
    },
    hibernationOptions: { configured: false },
    enclaveOptions: { enabled: false },
    metadataOptions: metadataAnswer(instance),
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    currentInstanceBootMode: 'uefi',
    tagSet: tagSet(state.tags[instance.id]),
  };
}

/** The `metadataOptions` of an instance. */
export function metadataAnswer({ metadata }: Instance): Xml {
  return {
    state: 'applied',
    httpTokens: metadata.tokens,
    httpPutResponseHopLimit: metadata.hopLimit,
    httpEndpoint: metadata.endpoint,
    httpProtocolIpv6: 'disabled',
    instanceMetadataTags: metadata.tagsInMetadata,
  };
}

/** The one network interface of an instance. */
export function interfaceAnswer(instance: Instance, { account, groups }: State) {
  const publicIp = publicAddressOf(instance);
  const association = publicIp && { publicIp, publicDnsName: '', ipOwnerId: 'amazon' };
  return {
    networkInterfaceId: instance.interfaceId,
    subnetId: account.subnetId,
    vpcId: account.vpcId,
    description: '',
    ownerId: account.id,
    status: 'in-use',
    macAddress: instance.mac,
    privateIpAddress: instance.address,
    privateDnsName: privateName(instance),
    sourceDestCheck: true,
    groupSet: groupSet(instance.groupIds, groups),
    attachment: {
      attachmentId: instance.interfaceId.replace('eni-', 'eni-attach-'),
      deviceIndex: 0,
      status: 'attached',
      attachTime: new Date(instance.launchedAt),
      deleteOnTermination: true,
      networkCardIndex: 0,
    },
    association,
    privateIpAddressesSet: [{ privateIpAddress: instance.address, primary: true, association }],
    interfaceType: 'interface',
  };
}

/** The filters of DescribeInstances. */
export function instanceFilters(state: State): FilterTable<Instance> {
  const here = (value: (instance: Instance) => string) => (instance: Instance) =>
    isGone(instance) ? undefined : value(instance);
  return {
    architecture: () => 'x86_64',
    'availability-zone': () => zoneOf(state.account),
    'block-device-mapping.volume-id': (instance) => volumesOf(instance, state).map(({ id }) => id),
    'client-token': ({ clientToken }) => clientToken,
    'image-id': ({ imageId }) => imageId,
    'instance-id': ({ id }) => id,
    'instance-state-code': (instance) => stateCodes[instance.state],
    'instance-state-name': (instance) => instance.state,
    'instance-type': ({ type }) => type,
    'instance.group-id': ({ groupIds }) => groupIds,
    'instance.group-name': (instance) => groupNames(instance, state.groups),
    'ip-address': (instance) => (isGone(instance) ? undefined : publicAddressOf(instance)),
    'key-name': ({ keyName }) => keyName,
    'launch-time': ({ launchedAt }) => launchedAt,
    'network-interface.network-interface-id': here(({ interfaceId }) => interfaceId),
    'owner-id': () => state.account.id,
    'private-dns-name': here(privateName),
    'private-ip-address': here(({ address }) => address),
    'reservation-id': ({ reservationId }) => reservationId,
    'root-device-name': ({ rootDeviceName }) => rootDeviceName,
    'root-device-type': () => 'ebs',
    'state-reason-code': ({ stateReason }) => stateReason?.code,
    'subnet-id': here(() => state.account.subnetId),
    tenancy: () => 'default',
    'virtualization-type': () => 'hvm',
    'vpc-id': here(() => state.account.vpcId),
  };
}

/** A reservation with those of its instances that are to be shown. */
export function reservationAnswer(
  instances: readonly Instance[],
  state: State,
): Readonly<Record<string, Xml>> {
  return {
    reservationId: instances[0]?.reservationId ?? '',
    ownerId: state.account.id,
    groupSet: [],
    instancesSet: instances.map((instance) => instanceAnswer(instance, state)),
  };
}
