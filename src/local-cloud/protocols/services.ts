import { Fault } from '../api/fault.ts';
import type { SignedRequest } from '../api/signature.ts';
import { awsJson } from './aws-json.ts';
import { awsQuery } from './aws-query.ts';
import { ec2Query } from './ec2-query.ts';
import { restXml } from './rest-xml.ts';
import type { Protocol, Refusal } from './protocol.ts';

/** The services of this cloud, by the name that their requests are signed for. */
export const protocols = {
  ec2: ec2Query,
  sts: awsQuery('https://sts.amazonaws.com/doc/2011-06-15/'),
  autoscaling: awsQuery('http://autoscaling.amazonaws.com/doc/2011-01-01/'),
  ssm: awsJson('AmazonSSM'),
  s3: restXml,
} satisfies Record<string, Protocol>;

export type Service = keyof typeof protocols;

/** Throws the Fault of a service that this cloud has not. */
export function findService(name: string): Service {
  if (Object.hasOwn(protocols, name)) return name as Service;
  throw new Fault(
    'UnknownService',
    `The local cloud has no service '${name}': it has ${Object.keys(protocols).join(', ')}; use AWS for it`,
  );
}

/** The protocol in which to refuse what cannot be told by its signature. */
export function guessProtocol({ headers }: Pick<SignedRequest, 'headers'>): Protocol {
  return (headers['content-type'] ?? '').includes('json') ? protocols.ssm : protocols.ec2;
}

/** A Fault under the name that the service has for it. */
export function rename(protocol: Protocol, { code, message, status }: Fault): Refusal {
  const [name, itsStatus] = protocol.codes[code] ?? [code, status];
  return { code: name, message, status: itsStatus };
}
