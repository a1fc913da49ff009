import type { IngressGroup, IngressRule } from './ingress.ts';
import { type Finding, missing, ok, warning, wrong } from './finding.ts';

/** A VPC where bakes run. */
export interface BakePlace {
  vpc: string;
  /** Where ssh listens on the machines of its nodes. */
  ports: number[];
}

/** What the check of the group with this name is called. */
export const groupCheck = (name: string) => `group ${name}`;

/** Judges the groups in a VPC that have the name `name`. */
export function judgeGroups(
  name: string,
  { vpc, ports }: BakePlace,
  groups: readonly IngressGroup[],
): Finding {
  const check = groupCheck(name);
  const [group] = groups;
  if (group === undefined) {
    const advice = `create it, with ssh open for where you bake: aws ec2 create-security-group --group-name ${name} --description bakes --vpc-id ${vpc}`;
    return missing(check, `there is none in ${vpc}`, advice);
  }
  // Of several, the instance is in each: who may come in by one may come in.
  const place = `${groups.map(({ id }) => id).join(', ')} in ${vpc}`;
  const ingress = groups.flatMap((one) => one.ingress);
  const world = ingress.flatMap((rule) => rule.cidrs.filter(isWorld).map((cidr) => ({ rule, cidr })));
  const worldSsh = world.filter(({ rule }) => ports.some((port) => opens(rule, port)));
  if (worldSsh.length > 0) {
    const cidrs = worldSsh.map(({ cidr }) => cidr).join(', ');
    const advice = `take that rule away (aws ec2 revoke-security-group-ingress), and let in the agents only`;
    return wrong(check, `${place}: ssh is open to ${cidrs}`, advice);
  }
  const closed = ports.filter((port) => !ingress.some((rule) => opens(rule, port) && hasPeers(rule)));
  if (closed.length > 0) {
    const advice = `aws ec2 authorize-security-group-ingress --group-id ${group.id} --protocol tcp --port ${closed[0] ?? 22} --cidr ADDRESS/32, with the address that the agents come from`;
    return wrong(check, `${place}: nobody may reach port ${closed.join(', ')}, where ssh listens`, advice);
  }
  if (world.length > 0) {
    const found = `${place}: ports other than ssh's are open to ${world.map(({ cidr }) => cidr).join(', ')}`;
    return warning(check, found, 'take that rule away: a bake needs ssh only');
  }
  const forSsh = ingress.filter((rule) => ports.some((port) => opens(rule, port)));
  const peers = [...new Set(forSsh.flatMap(peersOf))];
  const found = `${place}, ssh open to ${peers.join(', ')}`;
  if (!peers.some((peer) => peer.startsWith('pl-'))) return ok(check, found);
  return warning(
    check,
    found,
    'see that the prefix list (pl-…) holds your own networks only: it is not looked into',
  );
}

/** Whether addresses of so many owners match that this is no network of anybody's: `0.0.0.0/0`, and its halves. */
export function isWorld(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  return Number(length) < (address.includes(':') ? 16 : 8);
}

/** Whether the rule is for a TCP port. */
export function opens({ protocol, from = -1, to = -1 }: IngressRule, port: number): boolean {
  if (protocol === '-1') return true;
  if (protocol !== 'tcp' && protocol !== '6') return false;
  return (from === -1 || from <= port) && (to === -1 || port <= to);
}

function hasPeers(rule: IngressRule): boolean {
  return peersOf(rule).length > 0;
}

function peersOf({ cidrs, others }: IngressRule): string[] {
  return [...cidrs, ...others];
}
