import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Instance, State } from '../state/model.ts';
import { contentAt, metadataOf } from './tree.ts';

export interface MetadataRequest {
  readonly method: string;
  /** Path and query, as it came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface MetadataAnswer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sessions of the second version of the service; a token is good for the instance that asked for it. */
export interface Tokens {
  readonly make: (instanceId: string, seconds: number) => string;
  readonly isGood: (token: string, instanceId: string) => boolean;
}

export function newTokens(now: () => number): Tokens {
  const tokens = new Map<string, { instanceId: string; until: number }>();
  return {
    make: (instanceId, seconds) => {
      for (const [token, { until }] of tokens) if (until <= now()) tokens.delete(token);
      const token = randomBytes(42).toString('base64url');
      tokens.set(token, { instanceId, until: now() + seconds * 1000 });
      return token;
    },
    isGood: (token, instanceId) => {
      const known = tokens.get(token);
      return known?.instanceId === instanceId && known.until > now();
    },
  };
}

/** The versions that clients ask for; all have the same here. */
const versions = ['1.0', '2009-04-04', '2016-09-02', '2018-09-24', '2021-03-23', 'latest'];
const maxSeconds = 21_600;
const ttlHeader = 'x-aws-ec2-metadata-token-ttl-seconds';

/** What the metadata service answers an instance: only what is its own. */
export function answerMetadata(
  { method, url, headers }: MetadataRequest,
  instance: Instance,
  state: State,
  tokens: Tokens,
): MetadataAnswer {
  if (instance.metadata.endpoint === 'disabled') return failure(403, 'Forbidden');
  const path = pathOf(url);
  if (path === undefined) return failure(400, 'Bad Request');
  if (method === 'PUT') return answerToken(path, headers, instance, tokens);
  if (method !== 'GET' && method !== 'HEAD') return failure(405, 'Method Not Allowed');
  const token = headers['x-aws-ec2-metadata-token'];
  const isGood = typeof token === 'string' && tokens.isGood(token, instance.id);
  if (token === undefined ? instance.metadata.tokens === 'required' : !isGood)
    return failure(401, 'Unauthorized');
  const [version, ...rest] = path;
  if (version === undefined) return { status: 200, body: versions.join('\n') };
  if (!versions.includes(version)) return failure(404, 'Not Found');
  const body = contentAt(metadataOf(instance, state), rest);
  return body === undefined ? failure(404, 'Not Found') : { status: 200, body };
}

function answerToken(
  path: readonly string[],
  headers: IncomingHttpHeaders,
  instance: Instance,
  tokens: Tokens,
): MetadataAnswer {
  if (path.join('/') !== 'latest/api/token') return failure(405, 'Method Not Allowed');
  // Somebody asks through a proxy, perhaps one that can be misled.
  if (headers['x-forwarded-for'] !== undefined) return failure(403, 'Forbidden');
  const seconds = Number(headers[ttlHeader]);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxSeconds) return failure(400, 'Bad Request');
  const body = tokens.make(instance.id, seconds);
  return { status: 200, body, headers: { [ttlHeader]: String(seconds) } };
}

function pathOf(url: string): string[] | undefined {
  try {
    return decodeURIComponent(url.replace(/\?.*$/s, '')).split('/').filter(Boolean);
  } catch {
    return undefined;
  }
}

function failure(status: number, body: string): MetadataAnswer {
  return { status, body: `${status} - ${body}\n` };
}
