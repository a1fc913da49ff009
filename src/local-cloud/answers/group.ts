import type { FilterTable } from '../api/filters.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import { shortHash } from '../state/ids.ts';
import type { Rule, SecurityGroup, State } from '../state/model.ts';

/** A security group as DescribeSecurityGroups shows it. */
export function groupAnswer(group: SecurityGroup, { account, tags }: State): Xml {
  return {
    ownerId: account.id,
    groupName: group.name,
    groupId: group.id,
    groupDescription: group.description,
    vpcId: account.vpcId,
    ipPermissions: permissions(group.ingress, account.id),
    ipPermissionsEgress: permissions(group.egress, account.id),
    tagSet: tagSet(tags[group.id]),
  };
}

/** EC2 shows the peers of the same protocol and ports together. */
function permissions(rules: readonly Rule[], userId: string): Xml {
  const byPorts = new Map<string, Rule[]>();
  for (const rule of rules) {
    const ports = JSON.stringify([rule.protocol, rule.fromPort, rule.toPort]);
    byPorts.set(ports, [...(byPorts.get(ports) ?? []), rule]);
  }
  return [...byPorts.values()].map((same) => ({
    ipProtocol: same[0]?.protocol,
    fromPort: same[0]?.fromPort,
    toPort: same[0]?.toPort,
    groups: same.flatMap(({ peer, description }) =>
      peer.kind === 'group' ? { userId, groupId: peer.groupId, description } : [],
    ),
    ipRanges: same.flatMap(({ peer, description }) =>
      peer.kind === 'ipv4' ? { cidrIp: peer.cidr, description } : [],
    ),
    ipv6Ranges: same.flatMap(({ peer, description }) =>
      peer.kind === 'ipv6' ? { cidrIpv6: peer.cidr, description } : [],
    ),
    prefixListIds: [],
  }));
}

/** Rules as Authorize and DescribeSecurityGroupRules answer them. Their ids follow from what they say. */
export function securityGroupRules(
  groupId: string,
  side: 'ingress' | 'egress',
  rules: readonly Rule[],
  { account }: State,
) {
  return rules.map(({ protocol, fromPort, toPort, peer, description }) => ({
    securityGroupRuleId: `sgr-0${shortHash(JSON.stringify([groupId, side, protocol, fromPort, toPort, peer]), 16)}`,
    groupId,
    groupOwnerId: account.id,
    isEgress: side === 'egress',
    ipProtocol: protocol,
    fromPort: fromPort ?? -1,
    toPort: toPort ?? -1,
    cidrIpv4: peer.kind === 'ipv4' ? peer.cidr : undefined,
    cidrIpv6: peer.kind === 'ipv6' ? peer.cidr : undefined,
    referencedGroupInfo: peer.kind === 'group' ? { groupId: peer.groupId, userId: account.id } : undefined,
    description,
  }));
}

/** The filters of DescribeSecurityGroups. */
export function groupFilters({ account }: State): FilterTable<SecurityGroup> {
  const cidrs = (rules: readonly Rule[], kind: 'ipv4' | 'ipv6') =>
    rules.flatMap(({ peer }) => (peer.kind === kind ? peer.cidr : []));
  const ports = (rules: readonly Rule[], end: 'fromPort' | 'toPort') =>
    rules.flatMap((rule) => (rule[end] === undefined ? [] : String(rule[end])));
  return {
    description: ({ description }) => description,
    'egress.ip-permission.cidr': ({ egress }) => cidrs(egress, 'ipv4'),
    'group-id': ({ id }) => id,
    'group-name': ({ name }) => name,
    'ip-permission.cidr': ({ ingress }) => cidrs(ingress, 'ipv4'),
    'ip-permission.from-port': ({ ingress }) => ports(ingress, 'fromPort'),
    'ip-permission.group-id': ({ ingress }) =>
      ingress.flatMap(({ peer }) => (peer.kind === 'group' ? peer.groupId : [])),
    'ip-permission.ipv6-cidr': ({ ingress }) => cidrs(ingress, 'ipv6'),
    'ip-permission.protocol': ({ ingress }) => ingress.map(({ protocol }) => protocol),
    'ip-permission.to-port': ({ ingress }) => ports(ingress, 'toPort'),
    'owner-id': () => account.id,
    'vpc-id': () => account.vpcId,
  };
}
