import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';

/** Who may come in by a rule of a security group, and where. */
export interface IngressRule {
  /** `tcp`, a number, or `-1`: all. */
  protocol: string;
  /** The ports; -1 or none: all. */
  from?: number | undefined;
  to?: number | undefined;
  cidrs: string[];
  /** Other groups and prefix lists, by their ids. */
  others: string[];
}

/** A security group, as far as it says who may come in. */
export interface IngressGroup {
  id: string;
  ingress: IngressRule[];
}

export function ingressOf({ GroupId: id = '', IpPermissions: rules = [] }: SecurityGroup): IngressGroup {
  return { id, ingress: rules.map(ruleOf) };
}

function ruleOf(rule: IpPermission): IngressRule {
  const known = <T>(values: (T | undefined)[]) => values.filter((value) => value !== undefined);
  return {
    protocol: rule.IpProtocol ?? '-1',
    from: rule.FromPort,
    to: rule.ToPort,
    cidrs: known([
      ...(rule.IpRanges ?? []).map(({ CidrIp: cidr }) => cidr),
      ...(rule.Ipv6Ranges ?? []).map(({ CidrIpv6: cidr }) => cidr),
    ]),
    others: known([
      ...(rule.UserIdGroupPairs ?? []).map(({ GroupId: id }) => id),
      ...(rule.PrefixListIds ?? []).map(({ PrefixListId: id }) => id),
    ]),
  };
}
