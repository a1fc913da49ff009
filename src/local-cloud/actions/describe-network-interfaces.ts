import { groupNames, interfaceAnswer, privateName, publicAddressOf } from '../answers/instance.ts';
import { read } from '../api/action.ts';
import { filterShape, type FilterTable } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import { tagSet } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { zoneOf } from '../region.ts';
import type { Instance, State } from '../state/model.ts';

interface Interface {
  readonly id: string;
  readonly instance: Instance;
}

/** There are no others than those that instances have. */
export const describeNetworkInterfaces = read(
  { NetworkInterfaceId: list(text), Filter: filterShape, ...pageShape },
  ({ NetworkInterfaceId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeNetworkInterfaces',
      all: Object.values(state.instances)
        .filter((instance) => instance.state !== 'terminated')
        .map((instance) => ({ id: instance.interfaceId, instance })),
      ids: NetworkInterfaceId,
      filters: Filter,
      table: interfaceFilters(state),
      tags: state.tags,
      missing: (id) => missing('interface', id),
      page,
    });
    return {
      networkInterfaceSet: found.page.map(({ id, instance }) => {
        const { attachment, ...answer } = interfaceAnswer(instance, state);
        return {
          ...answer,
          attachment: { ...attachment, instanceId: instance.id, instanceOwnerId: state.account.id },
          availabilityZone: zoneOf(state.account),
          requesterManaged: false,
          tagSet: tagSet(state.tags[id]),
        };
      }),
      nextToken: found.nextToken,
    };
  },
);

function interfaceFilters({ account, groups }: State): FilterTable<Interface> {
  const address = ({ instance }: Interface) => instance.address;
  return {
    'addresses.primary': () => true,
    'addresses.private-ip-address': address,
    'association.public-ip': ({ instance }) => publicAddressOf(instance),
    'attachment.delete-on-termination': () => true,
    'attachment.device-index': () => 0,
    'attachment.instance-id': ({ instance }) => instance.id,
    'attachment.instance-owner-id': () => account.id,
    'attachment.status': () => 'attached',
    'availability-zone': () => zoneOf(account),
    description: () => '',
    'group-id': ({ instance }) => instance.groupIds,
    'group-name': ({ instance }) => groupNames(instance, groups),
    'interface-type': () => 'interface',
    'mac-address': ({ instance }) => instance.mac,
    'network-interface-id': ({ id }) => id,
    'owner-id': () => account.id,
    'private-dns-name': ({ instance }) => privateName(instance),
    'private-ip-address': address,
    'requester-managed': () => false,
    'source-dest-check': () => true,
    status: () => 'in-use',
    'subnet-id': () => account.subnetId,
    'vpc-id': () => account.vpcId,
  };
}
