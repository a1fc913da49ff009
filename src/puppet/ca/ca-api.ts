import { request } from 'node:https';

/** A client of a Puppet CA, as PEM: its certificate must be one that the CA's auth.conf lets change others. */
export interface CaClient {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

const timeoutMs = 20_000;

/**
 * Revokes and deletes what a Puppet CA has of a name, certificate or request, by the HTTP API that every version of it
 * has (`/puppet-ca/v1/certificate_status`); one that it does not know is fine. Answers why it may still be there.
 * @param server host, or host:port
 */
export async function cleanOverHttp(
  server: string,
  certname: string,
  client: CaClient,
): Promise<string | undefined> {
  try {
    // 404: unknown to it; 409: there is only a request, which cannot be revoked.
    const revoked = await call(server, 'PUT', certname, client, '{"desired_state":"revoked"}');
    if (![200, 204, 404, 409].includes(revoked.status)) return told('revoke', revoked);
    const deleted = await call(server, 'DELETE', certname, client);
    return [200, 204, 404].includes(deleted.status) ? undefined : told('delete', deleted);
  } catch (error) {
    return `the CA at ${server} does not answer: ${(error as Error).message}`;
  }
}

interface Answer {
  status: number;
  text: string;
}

function told(what: string, { status, text }: Answer): string {
  const why = status === 403 ? 'the certificate of --ca-client may not do that: see its auth.conf' : text;
  return `the CA refused to ${what} it (HTTP ${status}: ${why.trim().slice(0, 200)})`;
}

function call(
  server: string,
  method: string,
  certname: string,
  client: CaClient,
  body?: string,
): Promise<Answer> {
  const [host, port = '8140'] = server.split(':');
  // Before Puppet 4 the API wanted to know an environment; later ones do not mind.
  const path = `/puppet-ca/v1/certificate_status/${encodeURIComponent(certname)}?environment=production`;
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request({
      host,
      port,
      path,
      method,
      headers,
      ...client,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    asked.end(body);
  });
}
