import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Fault, unsupported } from './fault.ts';

/** A request as far as AWS Signature Version 4 covers it. */
export interface SignedRequest {
  readonly method: string;
  /** The path and query string as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the Authorization header says: who asks for which service in which region. */
export interface Credential {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Reads the Authorization header; throws the Fault of a missing or malformed one. */
export function readCredential(header: string | undefined): Credential {
  if (header === undefined || header === '') {
    throw new Fault('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const match =
    /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (match === null) {
    throw new Fault('IncompleteSignature', 'The Authorization header is not a signature of version 4', 400);
  }
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] = match;
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature };
}

/** Throws SignatureDoesNotMatch unless the request was signed with this secret. */
export function verifySignature(request: SignedRequest, credential: Credential, secret: string): void {
  const scope = `${credential.date}/${credential.region}/${credential.service}/aws4_request`;
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'] ?? '',
    scope,
    sha256(canonicalRequest(request, credential)),
  ].join('\n');
  const key = [credential.date, credential.region, credential.service, 'aws4_request'].reduce<
    Buffer | string
  >((previous, part) => hmac(previous, part), `AWS4${secret}`);
  const expected = hmac(key, stringToSign);
  if (timingSafeEqual(expected, Buffer.from(credential.signature, 'hex'))) return;
  throw new Fault(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key.',
    403,
  );
}

function canonicalRequest(
  { method, url, headers, body }: SignedRequest,
  { signedHeaders, service }: Pick<Credential, 'signedHeaders' | 'service'>,
): string {
  const [path = '/', query = ''] = url.split('?', 2);
  const parameters = [...new URLSearchParams(query)]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  const lines = signedHeaders.map((name) => {
    const value = headers[name];
    const joined = Array.isArray(value) ? value.join(',') : (value ?? '');
    return `${name}:${joined.trim().replace(/\s+/g, ' ')}\n`;
  });
  return [
    method,
    path,
    parameters.map(([name, value]) => `${name}=${value}`).join('&'),
    lines.join(''),
    signedHeaders.join(';'),
    payloadHash(headers, service, body),
  ].join('\n');
}

/** In S3 a client may leave its body unsigned, and says so. */
function payloadHash(headers: IncomingHttpHeaders, service: string, body: Buffer): string {
  const said = headers['x-amz-content-sha256'];
  if (service !== 's3' || typeof said !== 'string') return sha256(body);
  if (said.startsWith('STREAMING-'))
    throw unsupported(`The local cloud does not know bodies of ${said}: send the object in one piece`);
  return said === 'UNSIGNED-PAYLOAD' ? said : sha256(body);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
