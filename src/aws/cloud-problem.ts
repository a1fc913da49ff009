/** Why the cloud is not available to us. */
export type CloudProblem =
  | 'no-region'
  | 'credentials'
  | 'denied'
  | 'unreachable'
  | 'timeout'
  | 'throttled'
  | 'capacity'
  | 'quota'
  | 'server'
  | 'malformed';

/** The codes of EC2, Auto Scaling, Systems Manager, STS, S3, the SDKs and Node that say so, whoever made the call. */
const codes: Readonly<Record<Exclude<CloudProblem, 'no-region' | 'malformed'>, ReadonlySet<string>>> = {
  credentials: new Set([
    'AuthFailure',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'NoCredentialProviders',
    'OptInRequired',
    'RequestExpired',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ]),
  // EC2's own, that of the services with XML answers, that of those with JSON.
  denied: new Set(['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException']),
  throttled: new Set([
    'EC2ThrottledException',
    'RequestLimitExceeded',
    'RequestThrottled',
    'RequestThrottledException',
    'SlowDown',
    'ThrottledException',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
  ]),
  capacity: new Set([
    'InsufficientAddressCapacity',
    'InsufficientCapacity',
    'InsufficientCapacityOnHost',
    'InsufficientFreeAddressesInSubnet',
    'InsufficientHostCapacity',
    'InsufficientInstanceCapacity',
    'InsufficientReservedInstanceCapacity',
    'InsufficientVolumeCapacity',
    'SpotInstanceTermination',
  ]),
  // Of the account. A limit of one request, such as TagLimitExceeded, is the pack's fault and no less so tomorrow.
  quota: new Set([
    'AddressLimitExceeded',
    'ConcurrentSnapshotLimitExceeded',
    'HostLimitExceeded',
    'InstanceLimitExceeded',
    'MaxIOPSLimitExceeded',
    'MaxSpotInstanceCountExceeded',
    'PendingSnapshotLimitExceeded',
    'ResourceLimitExceeded',
    'SecurityGroupLimitExceeded',
    'SnapshotCreationPerVolumeRateExceeded',
    'SnapshotLimitExceeded',
    'VcpuLimitExceeded',
    'VolumeLimitExceeded',
  ]),
  timeout: new Set(['ETIMEDOUT', 'RequestTimeout', 'RequestTimeoutException', 'TimeoutError']),
  unreachable: new Set([
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'EPIPE',
  ]),
  server: new Set([
    'InternalError',
    'InternalFailure',
    'InternalServerError',
    'ServerInternal',
    'ServiceUnavailable',
    'Unavailable',
  ]),
};

/** What a code says of the cloud; undefined for one about the call itself, such as `InvalidAMIID.NotFound`. */
export function problemOfCode(code: string): CloudProblem | undefined {
  return (Object.keys(codes) as (keyof typeof codes)[]).find((problem) => codes[problem].has(code));
}

/** What Go programs, such as Packer, print of the network and of credentials where there is no code. */
const phrases: readonly (readonly [RegExp, CloudProblem])[] = [
  [/\b(?:i\/o timeout|TLS handshake timeout|context deadline exceeded|Client\.Timeout exceeded)/, 'timeout'],
  [/\bResourceNotReady: exceeded wait attempts|exceeded max wait time for \w+ waiter/, 'timeout'],
  [
    /\b(?:dial (?:tcp|udp)|no such host|connection re(?:fused|set)|broken pipe|unexpected EOF|no route to host)\b/,
    'unreachable',
  ],
  [/\b(?:network is unreachable|server misbehaving)\b|: EOF(?=\s|$)/, 'unreachable'],
  [
    /[Nn]o valid credential sources|(?:get|refresh|retrieve)\w* (?:cached )?credentials|no EC2 IMDS role found/,
    'credentials',
  ],
  // The second SDK for Go, where it had to repeat too many calls: of what went wrong first it says nothing.
  [/\bretry quota exceeded, \d+ available\b/, 'throttled'],
  [/\bstatus ?code: 5\d\d\b/i, 'server'],
];

/**
 * What a message of Packer itself says of the cloud; undefined when it is no fault of the cloud's. Codes stand there as
 * `Code: message` (SDK 1), `api error Code: message` (SDK 2), `(Code)` (before), and as `Server.Code` in a state's reason.
 */
export function cloudProblemIn(message: string): CloudProblem | undefined {
  for (const [, code = ''] of message.matchAll(
    /(?:^|[\s(])(?:(?:Client|Server)\.)?([A-Z][A-Za-z\d]+)(?=[:)])/g,
  )) {
    const problem = problemOfCode(code);
    if (problem !== undefined) return problem;
  }
  return phrases.find(([phrase]) => phrase.test(message))?.[1];
}
