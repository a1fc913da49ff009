import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../lib/run-program.ts';
import { errnoOf, exitCode, StageError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';

/**
 * The name of the certificate that a bake asks a Puppet server for: the node's, then ten hexadecimal digits of the
 * run, so that no two bakes ask for the same and site.pp still knows the node (`/^redis-[0-9a-f]{10}\.bake$/`).
 */
export function certnameOf(node: string, run: string): string {
  return `${node}-${sha256(run).slice(0, 10)}.bake`;
}

/** Takes a certificate, or a request for one, off a Puppet server; answers why it may still be there. */
export type CleanCertificate = (server: string, certname: string) => Promise<string | undefined>;

/** The flags of build that say how a certificate is cleaned. */
export interface CertificateFlags {
  'clean-command': string | undefined;
  'ca-client': string | undefined;
  'ca-server': string | undefined;
}

const commandTimeoutMs = 120_000;

/**
 * How certificates are cleaned, by the flags; without any of them, each certificate stays and the reason is given.
 * @throws StageError
 */
export async function certificateCleaner(flags: CertificateFlags): Promise<CleanCertificate> {
  const { 'clean-command': command, 'ca-client': folder, 'ca-server': server } = flags;
  if (command !== undefined && folder !== undefined)
    throw new StageError(
      '--clean-command and --ca-client are two ways to do the same: give one',
      exitCode.badInput,
    );
  if (server !== undefined && folder === undefined)
    throw new StageError('--ca-server is for --ca-client DIR: give that, too', exitCode.badInput);
  if (server !== undefined && !/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(server))
    throw new StageError(`--ca-server '${server}' is not HOST or HOST:PORT`, exitCode.badInput);
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
    const code = errnoOf(error) ?? '';
    throw new StageError(
      `--clean-command ${file} cannot be run (${code}): name an executable file`,
      exitCode.badInput,
    );
  });
}

async function readClient(folder: string): Promise<CaClient> {
  const problems: string[] = [];
  const read = (name: string) =>
    readFile(join(folder, name)).catch((error: unknown) => {
      problems.push(`--ca-client: ${join(folder, name)} cannot be read (${errnoOf(error) ?? ''})`);
      return Buffer.alloc(0);
    });
  const client = { ca: await read('ca.pem'), cert: await read('cert.pem'), key: await read('key.pem') };
  if (problems.length > 0) throw new StageError(problems.join('\n'), exitCode.badInput);
  return client;
}

async function runCommand(command: string, server: string, certname: string): Promise<string | undefined> {
  const {
    exitCode: code,
    stdout,
    stderr,
    failure,
  } = await runProgram(command, [server, certname], {
    timeoutMs: commandTimeoutMs,
  });
  if (code === 0) return undefined;
  if (failure === 'hung') return `${command} took longer than ${commandTimeoutMs / 1000} s`;
  const last = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').at(-1) ?? '';
  const how = code === undefined ? 'did not end by itself' : `ended with exit code ${code}`;
  return `${command} ${how}${last === '' ? '' : `: ${last}`}`;
}

/** A client of a Puppet CA, as PEM: its certificate must be one that the CA's auth.conf lets change others. */
interface CaClient {
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
async function cleanOverHttp(
  server: string,
  certname: string,
  client: CaClient,
): Promise<string | undefined> {
  try {
    // 404: unknown to it; 409: there is only a request, which cannot be revoked.
    const revoked = await call(server, 'PUT', certname, client, '{"desired_state":"revoked"}');
    if (![200, 204, 404, 409].includes(revoked.status)) return refusal('revoke', revoked);
    const deleted = await call(server, 'DELETE', certname, client);
    return [200, 204, 404].includes(deleted.status) ? undefined : refusal('delete', deleted);
  } catch (error) {
    return `the CA at ${server} does not answer: ${(error as Error).message}`;
  }
}

interface Answer {
  status: number;
  text: string;
}

function refusal(what: string, { status, text }: Answer): string {
  const why = status === 403 ? 'the certificate of --ca-client may not do that: see its auth.conf' : text;
  return `the CA refused to ${what} it (HTTP ${status}: ${why.trim().slice(0, 200)})`;
}

async function call(
  server: string,
  method: string,
  certname: string,
  client: CaClient,
  body?: string,
): Promise<Answer> {
  // Here, not above: plan takes a certificate's name from this file, and calls nobody.
  const { request } = await import('node:https');
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
