import { unsupported } from '../api/fault.ts';
import type { Tree } from '../api/query.ts';
import { escapeXml, renderXml } from '../api/xml.ts';
import { readForm, xmlAnswer } from './form.ts';
import type { Protocol } from './protocol.ts';

/** The protocol of the older services: the result has an element of its own, a list is of `member`s, both ways. */
export function awsQuery(namespace: string): Protocol {
  return {
    read: (request) => {
      const { action, parameters } = readForm(request);
      if (parameters.has('DryRun')) throw unsupported('DryRun is a parameter of EC2 only; leave it out');
      return {
        action,
        parameters: new Map([...parameters].map(([name, tree]) => [name, withoutMember(tree)])),
      };
    },
    success: (action, result, requestId) =>
      xmlAnswer(
        200,
        `<${action}Response xmlns="${namespace}"><${action}Result>${renderXml(result, 'member')}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
        requestId,
      ),
    failure: ({ code, message, status }, requestId) =>
      xmlAnswer(
        status,
        `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
        requestId,
      ),
    codes: {
      AuthFailure: ['InvalidClientTokenId', 403],
      UnauthorizedOperation: ['AccessDenied', 403],
      InvalidParameterValue: ['ValidationError', 400],
      MissingParameter: ['ValidationError', 400],
      InternalError: ['InternalFailure', 500],
    },
    tokenField: 'NextToken',
  };
}

/** `Names.member.1` is `Names.1` to the shapes. */
function withoutMember(tree: Tree): Tree {
  if (typeof tree === 'string') return tree;
  const member = tree.size === 1 ? tree.get('member') : undefined;
  const branch = member instanceof Map ? member : tree;
  return new Map([...branch].map(([name, inner]) => [name, withoutMember(inner)]));
}
