import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { packerEnvironment, PackerError } from '../generate/installed-packer.ts';

/** One run of Packer. */
export interface PackerRun {
  args: string[];
  /** Where its output goes, as it comes. */
  rawLog: string;
  /** Aborted: Packer gets one SIGTERM, to clean up and end. */
  signal: AbortSignal;
  /** How long Packer may clean up before it is killed, ms; asked after the SIGTERM. */
  graceMs: () => number;
  onLine: (line: string) => void;
}

/** How Packer ended: with an exit code, or not by itself. */
export interface PackerEnd {
  exitCode: number | undefined;
  killed: boolean;
}

/**
 * Runs Packer in a process group of its own, so that Ctrl-C at a terminal reaches it once, through us.
 *
 * Its output goes to a file that we follow, not through a pipe: when we are killed, Packer can still write, and gets
 * through its own cleaning up (SIGTERM, by the kernel's parent-death signal) instead of dying of a broken pipe.
 * That is why execa, which runs every other program, does not run this one: it must outlive us, its process group and
 * its output are its own.
 * @throws PackerError when Packer cannot be started.
 */
export async function runPacker(run: PackerRun): Promise<PackerEnd> {
  const output = openSync(run.rawLog, 'w', 0o600);
  // setpriv is util-linux', which every Linux has; elsewhere there is no such signal.
  const guard = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'TERM'] : [];
  const [command = 'packer', ...args] = [...guard, 'packer', ...run.args];
  const child = spawn(command, args, {
    env: { ...process.env, ...packerEnvironment },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const ended = endOf(child);
  const finished = new AbortController();
  const followed = followLines(run.rawLog, finished.signal, run.onLine);
  try {
    const killed = await Promise.race([ended.then(() => false), stop(child, run, ended)]);
    return { exitCode: await ended, killed };
  } finally {
    finished.abort();
    await followed;
  }
}

async function endOf(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new PackerError(`Packer cannot be started (${error.message}): is it on PATH?`));
    });
    child.once('exit', (code) => {
      resolve(code ?? undefined);
    });
  });
}

/** Once the signal is aborted: terminates Packer, and kills what is left of its group after the grace. Answers whether it had to. */
async function stop(child: ChildProcess, run: PackerRun, ended: Promise<unknown>): Promise<boolean> {
  await aborted(run.signal);
  // To the leader alone: Packer's wrapper hands SIGTERM on itself, and a second one makes Packer give up cleaning.
  child.kill('SIGTERM');
  const patience = new AbortController();
  const waited = sleep(run.graceMs(), true, { signal: patience.signal }).catch(() => false);
  const late = await Promise.race([ended.then(() => false), waited]);
  patience.abort();
  if (late && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  return late;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

/** How long a line may wait before it is shown, ms. */
const pollMs = 150;

/** Gives each line of a growing file, as it comes, until `done` is aborted and the file has been read to its end. */
async function followLines(path: string, done: AbortSignal, onLine: (line: string) => void): Promise<void> {
  const file = await open(path, 'r');
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(64 * 1024);
  let rest = '';
  try {
    for (;;) {
      // Read before the file is: what was written before the end is read after it.
      const last = done.aborted;
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      if (bytesRead > 0) continue;
      if (last) break;
      await sleep(pollMs, undefined, { signal: done }).catch(() => undefined);
    }
    if (rest !== '') onLine(rest);
  } finally {
    await file.close();
  }
}
