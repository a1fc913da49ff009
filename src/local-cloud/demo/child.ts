import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program of this project as a child process, and how it ends. */
export interface Child {
  process: ChildProcess;
  ended: Promise<number>;
}

/**
 * Its own mounts, of which others see nothing and which end with it. The program takes the shell's place, and so its
 * process id, for signals.
 */
const withHosts = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"'];

/** Starts a file of JavaScript. With `hosts` it sees that file as /etc/hosts: names that a VPC's DNS would know. */
export function startProgram(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; detached?: boolean; hosts?: string; stdout: 'inherit' | 'pipe' },
): Child {
  const node = [process.execPath, file];
  const program = options.hosts === undefined ? node : [...withHosts, options.hosts, ...node];
  // It ends with this process, also when that is killed.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...program, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.stdout, 'inherit'],
    detached: options.detached ?? false,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
  return { process: child, ended };
}

/** The exports that the local cloud prints once it serves; undefined when it ended before. */
export async function exportsOf(cloud: Child): Promise<Record<string, string> | undefined> {
  const { stdout } = cloud.process;
  if (stdout === null) throw new Error('the local cloud has no stdout to read');
  const found: Record<string, string> = {};
  for await (const line of createInterface({ input: stdout })) {
    const match = /^export ([A-Z_]+)=(.*)$/.exec(line);
    if (match?.[1] !== undefined) found[match[1]] = match[2] ?? '';
    // The last one.
    if ('AWS_DATA_PATH' in found) {
      stdout.resume();
      return found;
    }
  }
  return undefined;
}
