import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../api/fault.ts';
import type { SignedRequest } from '../api/signature.ts';
import { LocalCloudError } from '../local-cloud-error.ts';
import type { Answer } from '../protocols/protocol.ts';
import { guessProtocol } from '../protocols/services.ts';

/** EC2 takes 16 KB of user data and some hundred tags; an SBOM of 5,000 packages, as an object of S3, is 3 MB. */
const maxBodyBytes = 16 * 1024 * 1024;

/** The API, listening. */
export interface Api {
  readonly endpoint: string;
  /** Lets running calls end, takes no new ones. */
  readonly close: () => Promise<void>;
}

/** Serves `answer` on a port of 127.0.0.1. Throws a LocalCloudError when the port is taken. */
export async function serve(port: number, answer: (request: SignedRequest) => Promise<Answer>): Promise<Api> {
  const server = createServer((request, response) => {
    const answered = receive(request).then(answer, (error: unknown) =>
      guessProtocol(request).failure(asFault(error), 'none'),
    );
    void answered.then(({ status, body, dropped, ...answer }) => {
      if (dropped) {
        request.socket.destroy();
        return;
      }
      // Of a HEAD the length is the object's, and 204 has none.
      const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
      const headers = { ...length, ...answer.headers };
      // What is left of a body that is too long is not waited for.
      response.writeHead(status, request.complete ? headers : { ...headers, connection: 'close' }).end(body);
    });
  });
  server.requestTimeout = 30_000;
  // Longer than the clients keep an idle connection, which would else be closed under their next request.
  server.keepAliveTimeout = 120_000;
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
        setTimeout(() => {
          server.closeAllConnections();
        }, 2000).unref();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        taken
          ? new LocalCloudError(
              `port ${port} of 127.0.0.1 is in use: give another one with --port, or 0 for any`,
            )
          : error,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function receive(request: IncomingMessage): Promise<SignedRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) {
      throw new Fault('RequestEntityTooLarge', `The request is longer than ${maxBodyBytes} bytes`, 413);
    }
    chunks.push(chunk);
  }
  const { method = '', url = '/', headers } = request;
  return { method, url, headers, body: Buffer.concat(chunks) };
}

function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('RequestTimeout', 'The request broke off');
}
