import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';

/**
 * The name of the certificate that a bake asks a Puppet server for: the node's, then ten hexadecimal digits of the
 * run, so that no two bakes ask for the same and site.pp still knows the node (`/^redis-[0-9a-f]{10}\.bake$/`).
 */
export function certnameOf(node: string, run: string): string {
  return `${node}-${createHash('sha256').update(run).digest('hex').slice(0, 10)}.bake`;
}

/** Takes a certificate, or a request for one, off a Puppet server; answers why it may still be there. */
export type CleanCertificate = (server: string, certname: string) => Promise<string | undefined>;

/** The flags of build that say how. */
export interface CertificateFlags {
  'clean-command': string | undefined;
  'ca-client': string | undefined;
  'ca-server': string | undefined;
}

/** The flags do not fit each other or what they name is not there; the message has a line for each problem. */
export class CertificateFlagsError extends Error {
  readonly exitCode = 2;
}

const commandTimeoutMs = 120_000;

/**
 * How certificates are cleaned, by the flags; without any, every one stays, and is told.
 * @throws CertificateFlagsError
 */
export async function certificateCleaner(flags: CertificateFlags): Promise<CleanCertificate> {
  const { 'clean-command': command, 'ca-client': folder, 'ca-server': server } = flags;
  if (command !== undefined && folder !== undefined)
    throw new CertificateFlagsError('--clean-command and --ca-client are two ways to do the same: give one');
  if (server !== undefined && folder === undefined)
    throw new CertificateFlagsError('--ca-server is for --ca-client DIR: give that, too');
  if (server !== undefined && !/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(server))
    throw new CertificateFlagsError(`--ca-server '${server}' is not HOST or HOST:PORT`);
  if (command !== undefined) {
    await executable(command);
    return (puppetServer, certname) => runCommand(command, puppetServer, certname);
  }
  if (folder !== undefined) {
    const client = await readClient(folder);
    return (puppetServer, certname) => cleanOverHttp(server ?? puppetServer, certname, client);
  }
  return () => Promise.resolve('neither --clean-command nor --ca-client says how to clean it');
}

async function executable(file: string): Promise<void> {
  await access(file, constants.X_OK).catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new CertificateFlagsError(
      `--clean-command ${file} cannot be run (${code}): name an executable file`,
    );
  });
}

async function readClient(folder: string): Promise<CaClient> {
  const problems: string[] = [];
  const read = (name: string) =>
    readFile(join(folder, name)).catch((error: unknown) => {
      problems.push(
        `--ca-client: ${join(folder, name)} cannot be read (${(error as NodeJS.ErrnoException).code ?? ''})`,
      );
      return Buffer.alloc(0);
    });
  const client = { ca: await read('ca.pem'), cert: await read('cert.pem'), key: await read('key.pem') };
  if (problems.length > 0) throw new CertificateFlagsError(problems.join('\n'));
  return client;
}

async function runCommand(command: string, server: string, certname: string): Promise<string | undefined> {
  // Here, not above: it takes a tenth of a second to load, and build begins with this room.
  const { execa } = await import('execa');
  const end = await execa(command, [server, certname], {
    reject: false,
    stdin: 'ignore',
    all: true,
    timeout: commandTimeoutMs,
  });
  if (!end.failed) return undefined;
  if (end.timedOut) return `${command} took longer than ${commandTimeoutMs / 1000} s`;
  const said = end.all.trim().split('\n').at(-1) ?? '';
  const how = end.exitCode === undefined ? 'did not end by itself' : `ended with exit code ${end.exitCode}`;
  return `${command} ${how}${said === '' ? '' : `: ${said}`}`;
}

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
