import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Instance, State } from '../state/model.ts';
import { answerMetadata, newTokens } from './answer.ts';

/** The metadata service of all machines of a cloud, listening. */
export interface MetadataService {
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface MetadataNeed {
  readonly address: string;
  /** Of all regions. */
  readonly states: readonly State[];
  /** Lets answers to this port of a machine go `hops` far only. */
  readonly limitHops: (to: { address: string; port: number; hops: number }) => Promise<void>;
  readonly warn: (line: string) => void;
}

/**
 * Serves on the bridge's own address: the network sends there what machines ask of 169.254.169.254. A machine is known by
 * the address that it asks from, which the network lets no other machine use.
 */
export async function serveMetadata({
  address,
  states,
  limitHops,
  warn,
}: MetadataNeed): Promise<MetadataService> {
  const tokens = newTokens(Date.now);
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '/', headers, socket } = request;
    const asks = ({ address, state }: Instance) => address === socket.remoteAddress && state !== 'terminated';
    const state = states.find(({ instances }) => Object.values(instances).some(asks));
    const instance = state && Object.values(state.instances).find(asks);
    request.resume();
    if (state === undefined || instance === undefined) {
      response.writeHead(404).end();
      return;
    }
    const answer = answerMetadata({ method, url, headers }, instance, state, tokens);
    // As on EC2 only what answers a PUT, a token, is held back from what is behind the machine.
    if (method === 'PUT')
      await limitHops({
        address: instance.address,
        port: socket.remotePort ?? 0,
        hops: instance.metadata.hopLimit,
      });
    const length = { 'content-length': Buffer.byteLength(answer.body) };
    response
      .writeHead(answer.status, {
        'content-type': 'text/plain',
        server: 'EC2ws',
        ...answer.headers,
        ...length,
      })
      .end(answer.body);
  };
  const server = createServer((request, response) => {
    reply(request, response).catch((error: unknown) => {
      // No token rather than one without its limit.
      request.socket.destroy();
      warn(`the metadata service: ${error instanceof Error ? error.message : String(error)}`);
    });
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
