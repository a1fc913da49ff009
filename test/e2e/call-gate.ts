import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of EC2 on its way: before EC2 has it, or after it was served and before its answer goes back. */
export interface PassingCall {
  action: string;
  when: 'before' | 'after';
  /** The actions that EC2 has served so far through this gate, in their order. */
  served: readonly string[];
}

/** A way to EC2 that tells each call, and can be closed on one. */
export interface CallGate {
  url: string;
  close: () => void;
}

/** Opens a gate before `endpoint`. When `stop` answers true of a call, that call goes no further, and none after it. */
export async function openGate(
  endpoint: string,
  stop: (call: PassingCall) => boolean | Promise<boolean>,
): Promise<CallGate> {
  const served: string[] = [];
  let closed = false;
  const server = createServer((incoming, outgoing) => {
    const pass = async () => {
      const body = await bodyOf(incoming);
      const action = new URLSearchParams(body.toString()).get('Action') ?? '?';
      const ends = async (when: PassingCall['when']) => {
        closed = closed || (await stop({ action, when, served }));
        return closed;
      };
      if (closed || (await ends('before'))) return outgoing.destroy();
      const answer = await forward(endpoint, incoming, body);
      served.push(action);
      if (await ends('after')) return outgoing.destroy();
      outgoing.writeHead(answer.status, { 'content-type': 'text/xml;charset=UTF-8' });
      return outgoing.end(answer.body);
    };
    pass().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      closed = true;
      server.closeAllConnections();
      server.close();
    },
  };
}

/** With the headers as they are: the host is part of what is signed. */
async function forward(
  endpoint: string,
  { method = 'POST', url = '/', headers }: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const onward = request(new URL(url, endpoint), { method, headers }, (answer) => {
      bodyOf(answer).then((text) => {
        resolve({ status: answer.statusCode ?? 500, body: text });
      }, reject);
    });
    onward.on('error', reject);
    onward.end(body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
