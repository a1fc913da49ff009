import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { State } from '../state/model.ts';
import { answerMetadata, newTokens } from './answer.ts';

/** The metadata service of all machines of a cloud, listening. */
export interface MetadataService {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves on the bridge's own address: the network sends there what machines ask of 169.254.169.254. A machine is known by
 * the address that it asks from.
 */
export async function serveMetadata(address: string, state: State): Promise<MetadataService> {
  const tokens = newTokens(Date.now);
  const server = createServer((request, response) => {
    const { method = '', url = '/', headers, socket } = request;
    const instance = Object.values(state.instances).find(
      (one) => one.address === socket.remoteAddress && one.state !== 'terminated',
    );
    request.resume();
    if (instance === undefined) {
      response.writeHead(404).end();
      return;
    }
    const answer = answerMetadata({ method, url, headers }, instance, state, tokens);
    const length = { 'content-length': Buffer.byteLength(answer.body) };
    response
      .writeHead(answer.status, {
        'content-type': 'text/plain',
        server: 'EC2ws',
        ...answer.headers,
        ...length,
      })
      .end(answer.body);
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
