import type { CloudProblem } from '../aws/cloud-problem.ts';
import type { Identity, IngressGroup, IngressRule } from './account-calls.ts';
import { type Finding, missing, ok, shortKeyId, unknown, warning, wrong } from './findings.ts';

/** The code of credentials that no source of the SDK has. */
export const noSource = 'CredentialsProviderError';

/** Why a call to AWS has failed. */
export interface CallFailure {
  /** undefined: an answer that this code does not know. */
  problem: CloudProblem | undefined;
  /** The error's code, such as `ExpiredToken`, or {@link noSource}. */
  code: string;
  message: string;
  /** The call as IAM names it: `ec2:DescribeVpcs`. */
  call: string | undefined;
}

/** Judges the region that the SDK has found in this environment. */
export function judgeRegion(region: string | undefined, env: NodeJS.ProcessEnv): Finding {
  const check = 'region';
  const { AWS_REGION: own = '', AWS_PROFILE: named = '' } = env;
  const profile = named === '' ? 'default' : named;
  const set = 'set AWS_REGION, or a region in the profile that AWS_PROFILE names';
  if (region === undefined) {
    const { AWS_DEFAULT_REGION: other = '' } = env;
    const found = `not set in AWS_REGION, nor in the profile '${profile}'`;
    if (other !== '')
      return missing(check, `${found}; the SDK does not read AWS_DEFAULT_REGION`, `set AWS_REGION=${other}`);
    return missing(check, found, set);
  }
  const from = own === '' ? `the profile '${profile}'` : 'AWS_REGION';
  const found = `${region}, from ${from}`;
  if (/^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(region)) {
    return wrong(check, `${found}, is an availability zone`, `set AWS_REGION=${region.slice(0, -1)}`);
  }
  return ok(check, found);
}

/** Judges the identity that AWS reports. */
export function judgeIdentity({ account, arn, keyId, sources }: Identity): Finding {
  const from = sources.length === 0 ? '' : ` from ${sources.map(sourceText).join(', ')}`;
  return ok('credentials', `account ${account}, ${arn}, key ${shortKeyId(keyId)}${from}`);
}

/** `CREDENTIALS_ENV_VARS` as words: `env vars`. */
function sourceText(source: string): string {
  return source
    .replace(/^CREDENTIALS_(?:CODE$)?/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}

const network = "check this machine's connection to AWS (proxy, NAT, endpoint), and try again";

/** Judges a call that AWS did not answer as it should. */
export function judgeFailure(check: string, failure: CallFailure): Finding {
  const { problem, code, call = 'a call' } = failure;
  const message = failure.message.split('\n')[0] ?? '';
  switch (problem) {
    case 'no-region':
      return unknown(check, 'there is no region', 'see region');
    case 'credentials':
      return noCredentials(check, code, message);
    case 'denied':
      return wrong(check, `${call} is denied`, `allow ${call} to these credentials: see docs/iam.md`);
    case 'throttled':
      return unknown(check, message, 'try again when fewer calls are made in this account');
    case 'capacity':
    case 'quota':
    case 'unreachable':
    case 'timeout':
    case 'server':
    case 'malformed':
      return unknown(check, message, network);
    case undefined:
      return unknown(
        check,
        `${call} failed: ${code}: ${message}`,
        'fix what the message names, and try again',
      );
  }
}

function noCredentials(check: string, code: string, message: string): Finding {
  if (code !== noSource) return wrong(check, message, "renew them, and check this machine's clock");
  if (check !== 'credentials') return unknown(check, 'there are no credentials', 'see credentials');
  const advice =
    'give this machine an instance role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  return missing(check, `the SDK finds no credentials: ${message}`, advice);
}

/** From here on certificates and logs suffer. */
const noticedMs = 60_000;
/** From here on AWS refuses signed calls, unless a tool corrects the time, which not every one does. */
const refusedMs = 240_000;

/**
 * Judges this machine's clock.
 * @param offsetMs how far it is behind AWS; undefined: no service has answered
 */
export function judgeClock(offsetMs: number | undefined): Finding {
  const check = 'clock';
  if (offsetMs === undefined) return unknown(check, 'no AWS service answered', 'see credentials and EC2');
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (Math.abs(offsetMs) < noticedMs) return ok(check, `within ${seconds + 1} s of AWS`);
  const found = `${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} AWS`;
  const advice = 'timedatectl set-ntp true, or start chrony';
  return Math.abs(offsetMs) < refusedMs ? warning(check, found, advice) : wrong(check, found, advice);
}

/** The name of the check of a security group. */
export const groupCheck = (name: string) => `group ${name}`;

/**
 * Judges the groups in a VPC that have the name `name`.
 * @param ports where ssh listens on the machines that are baked there
 */
export function judgeGroups(
  name: string,
  vpc: string,
  ports: readonly number[],
  groups: readonly IngressGroup[],
): Finding {
  const check = groupCheck(name);
  const [group] = groups;
  if (group === undefined) {
    const advice = `create it, with ssh open to the agents: aws ec2 create-security-group --group-name ${name} --description bakes --vpc-id ${vpc}`;
    return missing(check, `it does not exist in ${vpc}`, advice);
  }
  // The instance is in each of several groups: what one allows is allowed.
  const place = `${groups.map(({ id }) => id).join(', ')} in ${vpc}`;
  const ingress = groups.flatMap((one) => one.ingress);
  const open = ingress.flatMap((rule) => rule.cidrs.filter(isPublic).map((cidr) => ({ rule, cidr })));
  const openSsh = open.filter(({ rule }) => ports.some((port) => opens(rule, port)));
  if (openSsh.length > 0) {
    const cidrs = openSsh.map(({ cidr }) => cidr).join(', ');
    const advice = 'remove that rule (aws ec2 revoke-security-group-ingress), and allow the agents only';
    return wrong(check, `${place}: ssh is open to ${cidrs}`, advice);
  }
  const closed = ports.filter((port) => !ingress.some((rule) => opens(rule, port) && hasPeers(rule)));
  if (closed.length > 0) {
    const advice = `aws ec2 authorize-security-group-ingress --group-id ${group.id} --protocol tcp --port ${closed[0] ?? 22} --cidr ADDRESS/32, with the agents' address`;
    return wrong(
      check,
      `${place}: no address may reach port ${closed.join(', ')}, where ssh listens`,
      advice,
    );
  }
  if (open.length > 0) {
    const found = `${place}: ports other than ssh's are open to ${open.map(({ cidr }) => cidr).join(', ')}`;
    return warning(check, found, 'remove that rule: a bake needs ssh only');
  }
  const forSsh = ingress.filter((rule) => ports.some((port) => opens(rule, port)));
  const peers = [...new Set(forSsh.flatMap(peersOf))];
  const found = `${place}, ssh open to ${peers.join(', ')}`;
  if (!peers.some((peer) => peer.startsWith('pl-'))) return ok(check, found);
  return warning(
    check,
    found,
    'check that the prefix list (pl-…) holds your own networks only: doctor does not read it',
  );
}

/** Whether a network is so large that it has many owners: `0.0.0.0/0`, and its halves. */
export function isPublic(cidr: string): boolean {
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
