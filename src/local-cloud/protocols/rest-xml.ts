import { Fault, unsupported } from '../api/fault.ts';
import type { Branch } from '../api/query.ts';
import type { SignedRequest } from '../api/signature.ts';
import { escapeXml, renderXml, type Xml } from '../api/xml.ts';
import type { Answer, Asked, Protocol } from './protocol.ts';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** How the result of an action of S3 is written. */
interface RestResult {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** Base64 of the object's bytes. */
  body?: string;
  /** In place of a body: of ListObjectsV2. */
  xml?: Readonly<Record<string, Xml>>;
}

/** Headers and parts of the query that say something to the action, by their names there. */
const names: Readonly<Record<string, string>> = {
  'content-type': 'ContentType',
  'content-md5': 'ContentMD5',
  'if-match': 'IfMatch',
  'x-amz-sdk-checksum-algorithm': 'ChecksumAlgorithm',
  'x-amz-checksum-mode': 'ChecksumMode',
  'x-amz-checksum-crc32': 'ChecksumCRC32',
  'x-amz-checksum-sha1': 'ChecksumSHA1',
  'x-amz-checksum-sha256': 'ChecksumSHA256',
  'list-type': 'ListType',
  prefix: 'Prefix',
  delimiter: 'Delimiter',
  'max-keys': 'MaxKeys',
  'start-after': 'StartAfter',
  'continuation-token': 'ContinuationToken',
  'encoding-type': 'EncodingType',
};
/** Headers of every request: of HTTP, of the signature, of the SDKs about themselves. */
const envelope =
  /^(?:accept|authorization|amz-sdk-.*|connection|content-length|expect|host|user-agent|x-amz-(?:content-sha256|date|security-token|user-agent))$/;
/** Headers that change what is asked for. */
const meaningful = /^(?:x-amz-|if-|range$|content-|cache-control$|expires$)/;

/** S3's protocol: the action is the method, the path and the query; buckets are in the path, not in the host name. */
export const restXml: Protocol = {
  read: (request) => {
    const [path = '/', query = ''] = request.url.split('?', 2);
    const [bucket = '', ...parts] = decoded(path).slice(1).split('/');
    const key = parts.join('/');
    const asked = new URLSearchParams(query);
    // The SDK for JavaScript says what it asks for, too.
    asked.delete('x-id');
    const action = actionOf(request.method, bucket, key, asked);
    return { action, parameters: parametersOf(request, action, bucket, key, asked) };
  },
  success: (_, result, requestId) => {
    const { status = 200, headers = {}, body, xml } = result as RestResult;
    const id = { 'x-amz-request-id': requestId };
    if (xml === undefined)
      return { status, headers: { ...id, ...headers }, body: Buffer.from(body ?? '', 'base64') };
    // What stands for a list of elements beside the others has no element of its own.
    const { objects = '', folders = '', ...other } = xml;
    const inner = [other, objects, folders].map((part) => renderXml(part)).join('');
    return answer(status, `<ListBucketResult xmlns="${namespace}">${inner}</ListBucketResult>`, id);
  },
  failure: ({ code, message, status }, requestId) =>
    answer(
      status,
      `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message><RequestId>${requestId}</RequestId></Error>`,
      { 'x-amz-request-id': requestId },
    ),
  codes: {
    AuthFailure: ['InvalidAccessKeyId', 403],
    IncompleteSignature: ['AuthorizationHeaderMalformed', 400],
    MissingAuthenticationToken: ['AccessDenied', 403],
    UnauthorizedOperation: ['AccessDenied', 403],
    UnsupportedOperation: ['NotImplemented', 501],
    InvalidAction: ['NotImplemented', 501],
    InvalidParameterValue: ['InvalidArgument', 400],
    MissingParameter: ['InvalidRequest', 400],
    InsufficientVolumeCapacity: ['ServiceUnavailable', 503],
  },
  tokenField: 'NextToken',
};

function answer(status: number, body: string, headers: Record<string, string>): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml', ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new Fault('InvalidURI', `The path ${path} cannot be decoded`);
  }
}

function actionOf(method: string, bucket: string, key: string, asked: URLSearchParams): string {
  const of = bucket === '' ? '' : key === '' ? 'bucket' : 'object';
  const isList = method === 'GET' && of === 'bucket' && asked.get('list-type') === '2';
  const [other] = isList ? [] : [...asked.keys()];
  const plain: Readonly<Record<string, string>> = {
    'PUT bucket': 'CreateBucket',
    'PUT object': 'PutObject',
    'GET object': 'GetObject',
    'HEAD object': 'HeadObject',
    'DELETE object': 'DeleteObject',
  };
  const action = isList ? 'ListObjectsV2' : other === undefined ? plain[`${method} ${of}`] : undefined;
  if (action !== undefined) return action;
  const what = `${method} of ${of === '' ? 'all buckets' : `a${of === 'object' ? 'n' : ''} ${of}`}`;
  throw unsupported(
    `The local cloud has no such call of S3: ${what}${other === undefined ? '' : ` with ?${other}`}; use AWS for it`,
  );
}

function parametersOf(
  { headers, body }: SignedRequest,
  action: string,
  bucket: string,
  key: string,
  asked: URLSearchParams,
): Asked['parameters'] {
  const parameters: Branch = new Map([['Bucket', bucket]]);
  if (key !== '') parameters.set('Key', key);
  for (const [name, value] of asked) parameters.set(names[name] ?? name, value);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || envelope.test(name)) continue;
    // Without a body it says nothing, and some clients send it all the same.
    if (name === 'content-type' && action !== 'PutObject') continue;
    // Of a bucket the configuration alone has one.
    if (action === 'CreateBucket' && /^(?:content-md5|x-amz-(?:sdk-)?checksum-.*)$/.test(name)) continue;
    if (meaningful.test(name)) parameters.set(names[name] ?? name, String(value));
  }
  if (action === 'PutObject') parameters.set('Body', body.toString('base64'));
  else if (action === 'CreateBucket') parameters.set('Configuration', body.toString('utf8'));
  return parameters;
}
