import type { Fault } from '../api/fault.ts';
import { escapeXml, renderXml, type Xml } from '../api/xml.ts';

/** A response as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

export type Service = 'ec2' | 'sts';

const head = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Renders a success. EC2 puts the fields beside the request's id, STS into an element of their own. */
export function success(service: Service, action: string, result: Xml, requestId: string): Answer {
  const inner = renderXml(result);
  const body =
    service === 'ec2'
      ? `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>${requestId}</requestId>${inner}</${action}Response>`
      : `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${inner}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, body: `${head}${body}` };
}

/** Renders a refusal in the form that the service's SDKs read. */
export function failure(service: Service, fault: Fault, requestId: string): Answer {
  const error = `<Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message>`;
  const type = fault.status < 500 ? 'Sender' : 'Receiver';
  const body =
    service === 'ec2'
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
      : `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: fault.status, body: `${head}${body}` };
}
