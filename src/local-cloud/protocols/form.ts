import { Fault } from '../api/fault.ts';
import { parseQuery, type Branch } from '../api/query.ts';
import type { SignedRequest } from '../api/signature.ts';
import type { Answer, Asked } from './protocol.ts';

/** Reads a form-encoded request: what EC2's protocol and awsQuery have in common. */
export function readForm(request: SignedRequest): Asked {
  const parameters = readParameters(request);
  const action = parameters.get('Action');
  if (typeof action !== 'string' || action === '') {
    throw new Fault('MissingAction', 'The request must contain the parameter Action');
  }
  return { action, parameters };
}

function readParameters({ method, url, headers, body }: SignedRequest): Branch {
  if (method === 'GET') return parseQuery(url.split('?', 2)[1] ?? '');
  if (method !== 'POST')
    throw new Fault('InvalidRequest', `The method ${method} is not one of GET and POST`, 405);
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new Fault('InvalidRequest', `The content type '${type}' is not application/x-www-form-urlencoded`);
  }
  return parseQuery(body.toString('utf8'));
}

/** An answer of XML. */
export function xmlAnswer(status: number, body: string, requestId: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
