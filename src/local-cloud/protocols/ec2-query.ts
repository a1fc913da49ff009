import { escapeXml, renderXml } from '../api/xml.ts';
import { readForm, xmlAnswer } from './form.ts';
import type { Protocol } from './protocol.ts';

const namespace = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** EC2's own protocol: the result stands beside the request's id, a list is of `<item>`s. */
export const ec2Query: Protocol = {
  read: readForm,
  success: (action, result, requestId) =>
    xmlAnswer(
      200,
      `<${action}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${renderXml(result)}</${action}Response>`,
      requestId,
    ),
  failure: ({ code, message, status }, requestId) =>
    xmlAnswer(
      status,
      `<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      requestId,
    ),
  codes: {},
  tokenField: 'nextToken',
};
