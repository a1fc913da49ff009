import { exitCode, StageError } from '../lib/errors.ts';
import { type CloudProblem, problemOfCode } from './cloud-problem.ts';
import { type Service, services } from './sdk.ts';

/** The cloud is not available, in a sentence for a person; Jenkins may retry. */
export class CloudError extends StageError {
  readonly problem: CloudProblem;

  constructor(problem: CloudProblem, message: string, cause: unknown) {
    super(message, exitCode.unavailable, { cause });
    this.problem = problem;
  }
}

/** Whatever answers is not the service that we know, or not of its version. */
const foreignCodes = new Set([
  'InvalidAction',
  'InvalidVersion',
  'NoSuchVersion',
  'UnknownOperationException',
  'UnsupportedProtocol',
]);
/** Which an older EC2, or one of another maker, may lack: their callers judge that. */
const optionalCalls = new Set(['DescribeImageReferences', 'DescribeSpotInstanceRequests']);

/**
 * What to throw for what a call of EC2, or of another service, threw: a CloudError (exit 4) that names the call when
 * the cloud is not available to us, else the same value, e.g. `InvalidAMIID.NotFound`, which is the caller's to judge.
 * @param call as IAM names it, without the service: `DeregisterImage`
 */
export function ec2Failure(error: unknown, call: string, service: Service = 'ec2'): unknown {
  if (error instanceof CloudError) return error;
  const code = codeOf(error);
  const detail = messageOf(error);
  const { title } = services[service];
  const place = endpoint(service) ?? "AWS's endpoint";
  const advice =
    endpoint(service) === undefined
      ? 'check the network and AWS_REGION'
      : 'start what serves it, or unset AWS_ENDPOINT_URL to use AWS itself';
  const fail = (problem: CloudProblem, message: string) => new CloudError(problem, message, error);
  if (code === 'CredentialsProviderError') return noCredentials(error);
  const problem = isThrottle(error) ? 'throttled' : problemOfCode(code);
  if (problem === 'denied') {
    return fail('denied', `${call} was denied: these AWS credentials lack the permission ${service}:${call}`);
  }
  if (problem === 'credentials') {
    return fail(
      'credentials',
      `${call}: AWS refuses these credentials (${code}: ${detail}): renew them; check this computer's clock, and that AWS_REGION is a region of this account`,
    );
  }
  if (problem === 'throttled') {
    return fail(
      'throttled',
      `${call}: ${title} still throttles this account after every retry: try again later`,
    );
  }
  if (problem === 'capacity' || problem === 'quota') {
    const what = problem === 'capacity' ? 'has no capacity for it now' : 'allows this account no more of it';
    return fail(problem, `${call}: ${title} ${what} (${code}: ${detail})`);
  }
  if (problem === 'timeout') {
    return fail('timeout', `${call}: ${place} does not answer in time: check the network, then try again`);
  }
  if (problem === 'unreachable') {
    return fail('unreachable', `${call}: ${place} cannot be reached (${detail}): ${advice}`);
  }
  // A web server at the endpoint, or a proxy's page: the SDK finds nothing that it knows in the answer.
  if (statusOf(error) > 0 && (detail === 'Unknown' || detail.includes('Deserialization error'))) {
    const status = statusOf(error);
    return fail('server', `${call}: what answers at ${place} is not ${title} (HTTP ${status}): ${advice}`);
  }
  if (foreignCodes.has(code) && !optionalCalls.has(call)) {
    return fail('server', `${call}: what answers at ${place} does not know this call (${code}): ${advice}`);
  }
  if (problem === 'server' || statusOf(error) >= 500) {
    return fail('server', `${call}: ${title} fails (${code}: ${detail}) after every retry: try again later`);
  }
  return error;
}

/**
 * A call whose failure, of whatever kind, means that nothing is known: an error of AWS that nobody has foreseen is a
 * CloudError (exit 4), too, and no bug of ours.
 */
export async function orUnavailable<T>(lookUp: Promise<T>): Promise<T> {
  try {
    return await lookUp;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof CloudError || !('$metadata' in error)) throw error;
    const call = 'call' in error && typeof error.call === 'string' ? error.call : 'a call';
    const why = `${codeOf(error)}: ${error.message}`;
    throw new CloudError('server', `${call} failed (${why}): nothing was deleted; try again later`, error);
  }
}

/** The error for an answer that lacks what it must have: it must never be taken for an empty one. */
export function malformed(call: string, what = 'it has no list'): CloudError {
  return new CloudError(
    'malformed',
    `${call}: the answer cannot be read (${what}): try again later`,
    undefined,
  );
}

/** The service wants fewer calls; the SDK has tried again already, if it tries at all. */
export function isThrottle(error: unknown): boolean {
  return problemOfCode(codeOf(error)) === 'throttled' || statusOf(error) === 429;
}

/** The error for a region that is set nowhere. */
export function noRegion(cause: unknown): CloudError {
  return new CloudError(
    'no-region',
    'no AWS region: set AWS_REGION, or a region in the profile that AWS_PROFILE names',
    cause,
  );
}

/** The error for credentials that no source of the SDK has, or that could not be had from it. */
export function noCredentials(cause: unknown): CloudError {
  const { AWS_PROFILE: profile = '' } = process.env;
  const way =
    profile === ''
      ? 'set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with an instance role'
      : `AWS_PROFILE names ${JSON.stringify(profile)}, which gives none: correct the name, or that profile in ~/.aws`;
  return new CloudError('credentials', `no AWS credentials: ${way} (${messageOf(cause)})`, cause);
}

/** The code of an error of the SDK (its name) or of Node (its code); empty for anything else. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.name === 'Error' || error.name === '' ? code : error.name;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function statusOf(error: unknown): number {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata;
  return metadata?.httpStatusCode ?? 0;
}

function endpoint(service: Service): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${services[service].variable}`] ?? process.env.AWS_ENDPOINT_URL;
}
