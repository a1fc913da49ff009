/** How to get into a server. */
export interface Login {
  host: string;
  user: string;
  port: number;
  /** Of the private key, mode 600. */
  keyFile: string;
}

/** How a command over ssh ended; 255 is ssh's own failure. */
export interface SshEnd {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** OpenSSH's client is not there; Jenkins may try on another agent. */
class SshMissingError extends Error {
  readonly exitCode = 4;
}

/** More than any script of ours prints, and as much as verify reads of a report; a server that floods us is cut off. */
const maxBytes = 32 * 1024 * 1024;

/**
 * Runs a script, which goes in by standard input, with sh as root on a server whose host key nobody knows yet.
 * @param args words, not empty and without blanks or quotes: ssh hands them to a shell
 */
export async function runAsRoot(
  login: Login,
  script: string,
  args: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SshEnd> {
  return ssh(login, ['sh', '-s', '--', ...args], { input: script }, timeoutMs, signal);
}

/**
 * Copies a file to a server, where only root may read it.
 * @param path in a folder that is there; a word without blanks or quotes
 */
export async function sendAsRoot(
  login: Login,
  file: string,
  path: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SshEnd> {
  return ssh(login, ['install', '-m', '600', '/dev/stdin', path], { inputFile: file }, timeoutMs, signal);
}

/**
 * execa is loaded here, not above: it takes a tenth of a second, and verify without --boot runs no command.
 * @throws SshMissingError
 */
async function ssh(
  login: Login,
  command: readonly string[],
  input: { input: string } | { inputFile: string },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SshEnd> {
  // Nor an empty one, which would be lost on the way.
  const bad = command.find((word) => !/^[\w+/=.-]+$/.test(word));
  if (bad !== undefined) throw new Error(`'${bad}' must not be part of a command`);
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=5',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'ServerAliveInterval=15',
  ].flatMap((option) => ['-o', option]);
  const to = ['-i', login.keyFile, '-l', login.user, '-p', String(login.port), login.host];
  const { execa } = await import('execa');
  const end = await execa('ssh', ['-F', '/dev/null', ...options, ...to, 'sudo', '-n', ...command], {
    ...input,
    reject: false,
    timeout: timeoutMs,
    cancelSignal: signal,
    maxBuffer: maxBytes,
  });
  // Or the server would be to blame for it.
  if (end.code === 'ENOENT')
    throw new SshMissingError('there is no ssh, which verify --boot needs: install openssh-client');
  return {
    exitCode: end.exitCode,
    stdout: end.stdout,
    stderr: end.timedOut ? 'it took too long' : end.stderr,
  };
}
