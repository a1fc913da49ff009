import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CaClient, cleanOverHttp } from './ca-api.ts';

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
