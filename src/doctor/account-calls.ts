import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import {
  bakePlaces,
  missingGroups,
  missingTypes,
  type WantedPlace,
  PreflightError,
  whyNoGroups,
} from '../aws/bake-place.ts';
import { connect, connectEc2 } from '../aws/connect.ts';
import { sdk } from '../aws/sdk.ts';

const { EC2Client } = sdk('@aws-sdk/client-ec2');
const { GetCallerIdentityCommand, STSClient } = sdk('@aws-sdk/client-sts');

export { bakeGroup } from '../aws/bake-place.ts';
export { measuredOffsetMs } from '../aws/connect.ts';

/** Who we are to AWS. */
export interface Identity {
  account: string;
  arn: string;
  keyId: string;
  /** The SDK's names of where the credentials come from, such as `CREDENTIALS_ENV_VARS`. */
  sources: string[];
}

/** The region that the SDK finds, its own way; undefined when it is set nowhere. */
export async function regionOfSdk(): Promise<string | undefined> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = new EC2Client();
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** @throws CloudError when region or credentials are missing or refused, or STS does not answer. */
export async function identity(): Promise<Identity> {
  const sts = await connect('sts', (common) => new STSClient(common));
  const { Account: account = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand());
  const { accessKeyId: keyId, ...more } = await sts.config.credentials();
  const sources = '$source' in more ? Object.keys(more.$source as object) : [];
  return { account, arn, keyId, sources };
}

/** What bakes in one place need, and servers of their images. */
export interface SiteNeeds {
  place: WantedPlace;
  /** The groups of the servers, by name, and the instance types. */
  groups: readonly string[];
  types: readonly string[];
}

/** A VPC where bakes run, and what it lacks. */
export interface Site {
  vpc: string;
  /** Those of a bake's instance; undefined: Packer makes one for the bake. */
  bakeGroups: IngressGroup[] | undefined;
  /** Why the groups of the bake will not do, as a sentence. */
  lacking: string | undefined;
  missingGroups: string[];
  missingTypes: string[];
}

/**
 * The VPCs where Packer may bake so; or a sentence that says why there is none.
 * @throws CloudError when EC2 is not available.
 */
export async function sitesFor({ place, groups, types }: SiteNeeds): Promise<Site[] | { lacking: string }> {
  const ec2 = await connectEc2();
  try {
    const offered = await missingTypes(ec2, types);
    const absent = await missingGroups(ec2, groups);
    const places = await bakePlaces(ec2, place);
    const inVpcs = new Map(places.map((one) => [one.vpc, one]));
    return [...inVpcs.values()].map((one) => ({
      vpc: one.vpc,
      bakeGroups: one.groups?.map(ingressOf),
      lacking: whyNoGroups(one, place),
      missingGroups: absent,
      missingTypes: offered,
    }));
  } catch (error) {
    if (error instanceof PreflightError) return { lacking: error.message };
    throw error;
  }
}

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

function ingressOf({ GroupId: id = '', IpPermissions: rules = [] }: SecurityGroup): IngressGroup {
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
