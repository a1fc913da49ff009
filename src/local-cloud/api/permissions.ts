import type { Peer, Rule, State } from '../state/model.ts';
import { Fault, invalidValue } from './fault.ts';
import { groupNamed } from './group-lookup.ts';
import { find } from './resource-ids.ts';
import { group, integer, list, required, text, type Decoded } from './shapes.ts';
import { tagSpecificationShape } from './tags.ts';

const permissionShape = group({
  IpProtocol: required(text),
  FromPort: integer,
  ToPort: integer,
  IpRanges: list(group({ CidrIp: required(text), Description: text })),
  Ipv6Ranges: list(group({ CidrIpv6: required(text), Description: text })),
  Groups: list(group({ GroupId: text, GroupName: text, UserId: text, Description: text })),
});

/** The parameters of Authorize and Revoke: the list of permissions, or one of them laid flat. */
export const permissionsShape = {
  GroupId: text,
  GroupName: text,
  IpPermissions: list(permissionShape),
  IpProtocol: text,
  FromPort: integer,
  ToPort: integer,
  CidrIp: text,
  SourceSecurityGroupName: text,
  SourceSecurityGroupOwnerId: text,
  TagSpecification: tagSpecificationShape,
};

const protocols: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', all: '-1' };

/** Reads the rules that are to be added or taken away, one for each peer. */
export function readRules(given: Decoded<typeof permissionsShape>, state: State): Rule[] {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName } = given;
  if (IpProtocol === undefined && SourceSecurityGroupName === undefined) {
    const rules = given.IpPermissions.flatMap((permission) => rulesOf(permission, state));
    if (rules.length > 0) return rules;
    throw new Fault('MissingParameter', 'The request must contain the parameter ipPermissions');
  }
  return rulesOf(
    {
      IpProtocol: IpProtocol ?? '-1',
      FromPort,
      ToPort,
      IpRanges: CidrIp === undefined ? [] : [{ CidrIp, Description: undefined }],
      Ipv6Ranges: [],
      Groups:
        SourceSecurityGroupName === undefined
          ? []
          : [
              {
                GroupId: undefined,
                GroupName: SourceSecurityGroupName,
                UserId: undefined,
                Description: undefined,
              },
            ],
    },
    state,
  );
}

function rulesOf(permission: NonNullable<ReturnType<typeof permissionShape>>, state: State): Rule[] {
  const protocol = protocols[permission.IpProtocol] ?? permission.IpProtocol;
  if (!/^(?:-1|tcp|udp|icmp|icmpv6|\d{1,3})$/.test(protocol)) {
    throw invalidValue(`Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
  }
  const ports = protocol === '-1' ? {} : portsOf(permission.FromPort, permission.ToPort, protocol);
  const peers: { peer: Peer; description: string | undefined }[] = [
    ...permission.IpRanges.map(({ CidrIp, Description }) => ({
      peer: ipv4(CidrIp),
      description: Description,
    })),
    ...permission.Ipv6Ranges.map(({ CidrIpv6, Description }) => ({
      peer: { kind: 'ipv6', cidr: CidrIpv6 } as const,
      description: Description,
    })),
    ...permission.Groups.map(({ GroupId, GroupName, Description }) => ({
      peer: { kind: 'group', groupId: peerGroup(GroupId, GroupName, state) } as const,
      description: Description,
    })),
  ];
  return peers.map(({ peer, description }) => ({
    protocol,
    ...ports,
    peer,
    ...(description === undefined ? {} : { description }),
  }));
}

function portsOf(from: number | undefined, to: number | undefined, protocol: string) {
  const fromPort = from ?? -1;
  const toPort = to ?? fromPort;
  const isPorts = protocol === 'tcp' || protocol === 'udp';
  if (isPorts && (fromPort < 0 || toPort > 65_535 || fromPort > toPort)) {
    throw invalidValue(`Invalid value for portRange. Must specify both from and to ports with TCP/UDP.`);
  }
  return { fromPort, toPort };
}

function ipv4(cidr: string): Peer {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const valid = match?.slice(1).every((part, place) => Number(part) <= (place === 4 ? 32 : 255)) === true;
  if (!valid) throw invalidValue(`CIDR block ${cidr} is malformed`);
  return { kind: 'ipv4', cidr };
}

function peerGroup(id: string | undefined, name: string | undefined, state: State): string {
  if (id !== undefined) return find(state.groups, 'group', id).id;
  if (name !== undefined) return groupNamed(state, name).id;
  throw new Fault('MissingParameter', 'The request must contain the parameter groupId of the source group');
}

/** Says whether two rules permit the same; what they are described as does not count. */
export function sameRule(a: Rule, b: Rule): boolean {
  return ruleKey(a) === ruleKey(b);
}

function ruleKey({ protocol, fromPort, toPort, peer }: Rule): string {
  return JSON.stringify([
    protocol,
    fromPort,
    toPort,
    peer.kind,
    peer.kind === 'group' ? peer.groupId : peer.cidr,
  ]);
}
