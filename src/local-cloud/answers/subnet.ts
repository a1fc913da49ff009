import type { FilterTable } from '../api/filters.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import { zoneIdOf, zoneOf } from '../region.ts';
import { freeAddresses } from '../state/addresses.ts';
import type { State } from '../state/model.ts';

/** The one subnet, which is the network of all machines. */
export function subnetAnswer(state: State): Xml {
  const { account, tags } = state;
  return {
    subnetId: account.subnetId,
    subnetArn: subnetArn(state),
    vpcId: account.vpcId,
    ownerId: account.id,
    state: 'available',
    cidrBlock: `${account.network}.0/24`,
    availableIpAddressCount: freeAddresses(state).length,
    availabilityZone: zoneOf(account),
    availabilityZoneId: zoneIdOf(account),
    defaultForAz: true,
    mapPublicIpOnLaunch: true,
    assignIpv6AddressOnCreation: false,
    ipv6CidrBlockAssociationSet: [],
    tagSet: tagSet(tags[account.subnetId]),
  };
}

function subnetArn({ account }: State): string {
  return `arn:aws:ec2:${account.region}:${account.id}:subnet/${account.subnetId}`;
}

/** The filters of DescribeSubnets. */
export function subnetFilters(state: State): FilterTable<{ readonly id: string }> {
  const { account } = state;
  return {
    'availability-zone': () => zoneOf(account),
    availabilityZone: () => zoneOf(account),
    'availability-zone-id': () => zoneIdOf(account),
    availabilityZoneId: () => zoneIdOf(account),
    'available-ip-address-count': () => freeAddresses(state).length,
    cidr: () => `${account.network}.0/24`,
    'cidr-block': () => `${account.network}.0/24`,
    cidrBlock: () => `${account.network}.0/24`,
    'default-for-az': () => true,
    defaultForAz: () => true,
    'map-public-ip-on-launch': () => true,
    'owner-id': () => account.id,
    state: () => 'available',
    'subnet-arn': () => subnetArn(state),
    'subnet-id': ({ id }) => id,
    'vpc-id': () => account.vpcId,
  };
}
