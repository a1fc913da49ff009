import { spawn } from 'node:child_process';

/** A program that ended by itself; without an exit code, by a signal. */
export interface Ended {
  kind: 'ended';
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** A program that gave no answer. */
export type Silent =
  /** There is none of that name on PATH. */
  | { kind: 'missing' }
  | { kind: 'unstartable'; why: string }
  /** It was killed when its time was over. */
  | { kind: 'hung'; seconds: number };

/** What became of a program that was run to learn about it. */
export type Ran = Ended | Silent;

export interface ProgramOptions {
  /** Laid over our own environment. */
  env?: Record<string, string>;
  limitMs?: number;
}

const usualLimitMs = 10_000;
/** More than any program says of its version. */
const mostCharacters = 64_000;

/**
 * Runs a program without input, in a process group of its own that is killed as a whole: a version that never comes must
 * not hold us up, nor a child of the program that keeps its output open.
 * @throws the signal's reason, after the kill, when it is aborted
 */
export async function runProgram(
  signal: AbortSignal,
  command: string,
  args: readonly string[],
  { env = {}, limitMs = usualLimitMs }: ProgramOptions = {},
): Promise<Ran> {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(0, mostCharacters);
    });
  }
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', kill);
  let timer: NodeJS.Timeout | undefined;
  let abort = kill;
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'ENOENT'
          ? { kind: 'missing' }
          : { kind: 'unstartable', why: error.code ?? error.message },
      );
    });
    child.once('close', (code) => {
      resolve({ kind: 'ended', exitCode: code ?? undefined, ...said });
    });
    timer = setTimeout(() => {
      kill();
      resolve({ kind: 'hung', seconds: limitMs / 1000 });
    }, limitMs);
    abort = () => {
      kill();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's name is its reason
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
  });
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
    signal.removeEventListener('abort', abort);
  }
}
