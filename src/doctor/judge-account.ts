import type { Identity } from './doctor-account.ts';
import type { CloudProblem } from '../aws/cloud-problem.ts';
import { type Finding, missing, ok, unknown, warning, wrong } from './finding.ts';
import { shortKeyId } from './masked.ts';

/** The code of credentials that no source of the SDK has. */
export const noSource = 'CredentialsProviderError';

/** Why a look into the account has failed. */
export interface LookFailure {
  /** undefined: an answer that nobody has foreseen. */
  problem: CloudProblem | undefined;
  /** The error's code, such as `ExpiredToken`, or {@link noSource}. */
  code: string;
  message: string;
  /** The call as IAM names it: `ec2:DescribeVpcs`. */
  call: string | undefined;
}

/** Judges which region the SDK has found, by the environment where it looked. */
export function judgeRegion(region: string | undefined, env: NodeJS.ProcessEnv): Finding {
  const check = 'region';
  const { AWS_REGION: own = '', AWS_PROFILE: named = '' } = env;
  const profile = named === '' ? 'default' : named;
  const set = 'set AWS_REGION, or a region in the profile that AWS_PROFILE names';
  if (region === undefined) {
    const { AWS_DEFAULT_REGION: other = '' } = env;
    const found = `there is none in AWS_REGION, nor in the profile '${profile}'`;
    if (other !== '')
      return missing(check, `${found}; AWS_DEFAULT_REGION is not read`, `set AWS_REGION=${other}`);
    return missing(check, found, set);
  }
  const from = own === '' ? `the profile '${profile}'` : 'AWS_REGION';
  const found = `${region}, from ${from}`;
  if (/^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(region)) {
    return wrong(check, `${found}, is an availability zone`, `set AWS_REGION=${region.slice(0, -1)}`);
  }
  return ok(check, found);
}

/** Judges who AWS says that we are. */
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

const network = "check this machine's way to AWS (proxy, NAT, endpoint), and try again";

/** Judges a look that AWS did not answer as it should. */
export function judgeFailure(check: string, failure: LookFailure): Finding {
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
      return unknown(check, message, 'try again when less calls AWS from this account');
    case 'capacity':
    case 'quota':
    case 'unreachable':
    case 'timeout':
    case 'server':
    case 'malformed':
      return unknown(check, message, network);
    case undefined:
      return unknown(check, `${call} failed: ${code}: ${message}`, 'mend what it names, and try again');
  }
}

function noCredentials(check: string, code: string, message: string): Finding {
  if (code !== noSource) return wrong(check, message, "renew them, and check this machine's clock");
  if (check !== 'credentials') return unknown(check, 'there are no credentials', 'see credentials');
  const advice =
    'give this machine an instance role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  return missing(check, `the SDK finds none: ${message}`, advice);
}

/** From this on certificates and logs suffer. */
const noticedMs = 60_000;
/** From this on AWS refuses what is signed, unless the clock of the call is corrected, which not every tool does. */
const refusedMs = 240_000;

/**
 * Judges this machine's clock.
 * @param offsetMs how far it is behind AWS's; undefined: no service has answered
 */
export function judgeClock(offsetMs: number | undefined): Finding {
  const check = 'clock';
  if (offsetMs === undefined)
    return unknown(check, 'no service of AWS has answered', 'see credentials and EC2');
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (Math.abs(offsetMs) < noticedMs) return ok(check, `within ${seconds + 1} s of AWS's`);
  const found = `${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} AWS's`;
  const advice = 'timedatectl set-ntp true, or start chrony';
  return Math.abs(offsetMs) < refusedMs ? warning(check, found, advice) : wrong(check, found, advice);
}
