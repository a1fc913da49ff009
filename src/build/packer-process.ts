import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { followLines } from './follow-lines.ts';
import { packerEnvironment, PackerError } from '../generate/installed-packer.ts';

/** One run of Packer. */
export interface PackerRun {
  args: string[];
  /** Where its output goes, as it comes. */
  rawLog: string;
  /** Aborted: Packer is told once to clean up and end. */
  signal: AbortSignal;
  /** How long Packer may clean up before it is killed, ms; asked once it is told. */
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

/** When told to: asks Packer to end, and kills what is left of its group after the grace. Answers whether it had to. */
async function stop(child: ChildProcess, run: PackerRun, ended: Promise<unknown>): Promise<boolean> {
  await aborted(run.signal);
  // To the leader alone: Packer's wrapper hands SIGTERM on itself, and told twice Packer gives up cleaning.
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
