import { Fault, unsupported } from '../api/fault.ts';
import type { Branch, Tree } from '../api/query.ts';
import type { Xml } from '../api/xml.ts';
import type { Answer, Protocol } from './protocol.ts';

const contentType = 'application/x-amz-json-1.1';

/** awsJson 1.1: the action is in the header X-Amz-Target behind `prefix`, and all bodies are JSON. */
export function awsJson(prefix: string): Protocol {
  return {
    read: ({ method, headers, body }) => {
      if (method !== 'POST') throw new Fault('InvalidRequest', `The method ${method} is not POST`, 405);
      const type = headers['content-type'] ?? '';
      if (!type.startsWith(contentType)) {
        throw new Fault('UnknownOperationException', `The content type '${type}' is not ${contentType}`);
      }
      const target = String(headers['x-amz-target'] ?? '');
      if (!target.startsWith(`${prefix}.`)) {
        throw new Fault(
          'UnknownOperationException',
          `The X-Amz-Target '${target}' is not ${prefix}.<action>`,
        );
      }
      return { action: target.slice(prefix.length + 1), parameters: readBody(body.toString('utf8')) };
    },
    success: (_, result, requestId) => jsonAnswer(200, toJson(result) ?? {}, requestId),
    failure: ({ code, message, status }, requestId) =>
      jsonAnswer(status, { __type: code, message }, requestId),
    codes: {
      AuthFailure: ['UnrecognizedClientException', 400],
      IncompleteSignature: ['IncompleteSignatureException', 400],
      MissingAuthenticationToken: ['MissingAuthenticationTokenException', 400],
      SignatureDoesNotMatch: ['InvalidSignatureException', 400],
      UnauthorizedOperation: ['AccessDeniedException', 400],
      InvalidAction: ['UnknownOperationException', 400],
      InvalidParameterValue: ['ValidationException', 400],
      MissingParameter: ['ValidationException', 400],
      InternalError: ['InternalServerError', 500],
    },
    tokenField: 'NextToken',
  };
}

/** The shapes read what a form would hold: lists by number, values as text. */
function readBody(text: string): Branch {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new Fault('SerializationException', 'The body of the request is not JSON');
  }
  const tree = toTree(value);
  if (!(tree instanceof Map) || Array.isArray(value)) {
    throw new Fault('SerializationException', 'The body of the request is not a JSON object');
  }
  // The envelope of the form protocols, which every action lets pass.
  for (const name of ['Action', 'Version', 'DryRun']) {
    if (tree.has(name))
      throw unsupported(`The local cloud does not know the parameter ${name}; leave it out`);
  }
  return tree;
}

function toTree(value: unknown): Tree {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return new Map(value.map((item, index) => [String(index + 1), toTree(item)]));
  return new Map(
    Object.entries(value ?? {})
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, toTree(inner)]),
  );
}

/** The same result as in XML, but with times as seconds since 1970. */
function toJson(value: Xml): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map((item: Xml) => toJson(item));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, Xml]) => [name, toJson(inner)]),
  );
}

function jsonAnswer(status: number, body: unknown, requestId: string): Answer {
  return {
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
    body: JSON.stringify(body),
  };
}
