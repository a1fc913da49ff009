import { readFileSync } from 'node:fs';

/** How a program ended, and what it printed until then. */
export interface ProgramEnd {
  /** Undefined: it did not end by itself, see `failure`. */
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  /** `missing`: there is no such program; `hung`: killed after its time; `killed`: by a signal; else why it cannot be started (`EACCES`). */
  failure?: string;
}

export interface ProgramOptions {
  cwd?: string;
  /** Over our own environment. */
  env?: NodeJS.ProcessEnv;
  /** Without one, or with no input at all, the program finds nothing to read. */
  input?: string | Uint8Array;
  inputFile?: string;
  /** The longest that it may take; without one it takes as long as it likes. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** Of each output; more ends the program. */
  maxBytes?: number;
}

/** From the signal to end until the one that cannot be ignored. */
const graceMs = 2_000;

/**
 * Runs a program and answers how it ended. One with a time limit or a signal runs in a process group of its own, which is
 * killed as a whole: a child that keeps the output open must not hold us up. execa is loaded here, since it takes a
 * tenth of a second.
 * @throws the signal's reason, once the program is gone
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  const { cwd, env, input, inputFile, timeoutMs, signal } = options;
  const { execa } = await import('execa');
  // After the import, during which it may come: nobody would hear it later.
  signal?.throwIfAborted();
  const ownGroup = timeoutMs !== undefined || signal !== undefined;
  const program = execa(name, args, {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(input !== undefined ? { input } : inputFile !== undefined ? { inputFile } : { stdin: 'ignore' }),
    detached: ownGroup,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: options.maxBytes ?? 100_000_000,
  });
  const state = { isHung: false };
  const kill = (signalName: NodeJS.Signals) => {
    try {
      if (program.pid !== undefined) process.kill(-program.pid, signalName);
    } catch {
      // It has ended already.
    }
  };
  const killNow = () => {
    kill('SIGKILL');
  };
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    kill('SIGTERM');
    timers.push(setTimeout(killNow, graceMs));
  };
  const endHung = () => {
    state.isHung = true;
    end();
  };
  if (ownGroup) process.once('exit', killNow);
  signal?.addEventListener('abort', end, { once: true });
  if (timeoutMs !== undefined) timers.push(setTimeout(endHung, timeoutMs));
  try {
    const { exitCode, stdout, stderr, code } = await program;
    signal?.throwIfAborted();
    if (state.isHung) return { exitCode: undefined, stdout, stderr, failure: 'hung' };
    if (exitCode !== undefined) return { exitCode, stdout, stderr };
    return { exitCode, stdout, stderr, failure: code === 'ENOENT' ? 'missing' : (code ?? 'killed') };
  } finally {
    timers.forEach(clearTimeout);
    // A child of it that closed its output and ignores the signal to end.
    if (state.isHung || signal?.aborted === true) killNow();
    process.off('exit', killNow);
    signal?.removeEventListener('abort', end);
  }
}

/** When a process started, in clock ticks since the boot (field 22 of proc(5)'s stat); undefined when there is none. */
export function startTicks(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets, and may hold blanks and brackets itself.
    const field = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return field === undefined ? undefined : Number(field);
  } catch {
    return undefined;
  }
}
