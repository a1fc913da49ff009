import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What a request asks for, by its action: `DescribeImages`. */
export type Answer = (
  action: string,
  body: string,
) => { status: number; body: string; headers?: Record<string, string> };

/**
 * A server on loopback that the SDK's clients are pointed to; it counts the requests that are under way. It answers none
 * until `seen.atLeast` of them were under way at once, or after 5 s: however slow the computer is, a client that would send
 * more is seen to.
 */
export async function awsServer(answer: Answer) {
  let underWay = 0;
  const seen = { most: 0, requests: 0, atLeast: 0 };
  const server = createServer((request, response) => {
    seen.requests++;
    seen.most = Math.max(seen.most, ++underWay);
    void (async () => {
      const body = await textOf(request);
      const end = Date.now() + 5_000;
      do await pause(10);
      while (seen.most < seen.atLeast && Date.now() < end);
      const target = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
      const action = new URLSearchParams(body).get('Action') ?? target;
      const { status, body: text, headers } = answer(action, body);
      underWay--;
      response.writeHead(status, {
        'content-type': text.startsWith('{') ? 'application/x-amz-json-1.1' : 'text/xml',
        ...headers,
      });
      response.end(text);
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_REGION = 'eu-west-1';
  process.env.AWS_ACCESS_KEY_ID = 'key';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { seen, close };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** EC2's XML for an answer. */
export function ec2Answer(action: string, inner: string): string {
  return `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inner}</${action}Response>`;
}

/** XML as of Auto Scaling and STS. */
export function queryAnswer(action: string, inner: string): string {
  return `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`;
}

/** EC2's XML for a refusal. */
export function ec2Error(code: string): string {
  return `<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors></Response>`;
}
