import type { Branch } from '../api/query.ts';
import type { SignedRequest } from '../api/signature.ts';
import type { Xml } from '../api/xml.ts';

/** A response as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** No answer at all: the connection is to be destroyed. */
  readonly dropped?: true;
}

/** What a request asks for, whatever form it came in. */
export interface Asked {
  readonly action: string;
  readonly parameters: Branch;
}

/** A refusal, as a Fault or an order for one has it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/** How requests and answers of a service look. */
export interface Protocol {
  /** Throws a Fault where the request is not of this form. */
  readonly read: (request: SignedRequest) => Asked;
  readonly success: (action: string, result: Xml, requestId: string) => Answer;
  /** In the form that the service's SDKs read. */
  readonly failure: (refusal: Refusal, requestId: string) => Answer;
  /** What EC2 calls by another name than the services of this protocol: their code and HTTP status, by EC2's code. */
  readonly codes: Readonly<Record<string, readonly [code: string, status: number]>>;
  /** The field of a result in which the next page's token stands. */
  readonly tokenField: 'nextToken' | 'NextToken';
}
