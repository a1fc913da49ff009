import { exitCode, StageError } from '../../lib/errors.ts';
import { runProgram } from '../../lib/run-program.ts';

/** A server of an image, over ssh. */
export interface SshSession {
  /** Runs a script with sh as root; its arguments are not empty and hold no blanks or quotes. */
  run: (script: string, args: readonly string[], timeoutMs: number) => Promise<SshEnd>;
  /** Copies a local file there, for root only, into a folder that exists; the path is a word without blanks or quotes. */
  send: (file: string, path: string) => Promise<SshEnd>;
}

/** How to log in to a server. */
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

/** More than any script of ours prints, and as much as verify reads of a report; a server that floods us is cut off. */
const maxBytes = 32 * 1024 * 1024;

const sendMs = 120_000;

/** A server whose host key nobody knows yet. The script and the file go in by standard input. */
export function sshSession(login: Login, signal: AbortSignal): SshSession {
  return {
    run: (script, args, timeoutMs) =>
      ssh(login, ['sh', '-s', '--', ...args], { input: script }, timeoutMs, signal),
    send: (file, path) =>
      ssh(login, ['install', '-m', '600', '/dev/stdin', path], { inputFile: file }, sendMs, signal),
  };
}

/**
 * @param command words, not empty and without blanks or quotes: ssh hands them to a shell
 * @throws StageError (4) when there is no ssh; the signal's reason
 */
async function ssh(
  login: Login,
  command: readonly string[],
  input: { input: string } | { inputFile: string },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SshEnd> {
  // An empty word would be lost on the way.
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
  const end = await runProgram('ssh', ['-F', '/dev/null', ...options, ...to, 'sudo', '-n', ...command], {
    ...input,
    timeoutMs,
    signal,
    maxBytes,
  });
  // Else it would seem to be the server's fault.
  if (end.failure === 'missing')
    throw new StageError(
      'there is no ssh, which verify --boot needs: install openssh-client',
      exitCode.unavailable,
    );
  const { exitCode: code, stdout, stderr, failure } = end;
  return { exitCode: code, stdout, stderr: failure === 'hung' ? 'it took too long' : stderr };
}
