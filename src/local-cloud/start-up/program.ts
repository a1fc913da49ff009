import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Exports } from './aws-files.ts';

/** Packer asks every second, not every 15, how far a machine is: here that costs nothing. */
export const patience = { AWS_POLL_DELAY_SECONDS: '1', AWS_MAX_ATTEMPTS: '600' };

/**
 * Without what leads to another account: keys, a profile, a service's own endpoint.
 */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.keys(patience);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('AWS_') || kept.includes(name)),
  );
}

/**
 * Starts the program that the command line names after `--`, on this terminal, with the cloud in its environment. It gets
 * SIGTERM when this process is killed.
 * @param ended is called with its exit code; after a signal with 128 and the signal's number, as a shell says it
 */
export function startOnCloud(
  program: readonly string[],
  exports: Exports,
  ended: (code: number) => void,
): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...program], {
    env: { ...patience, ...withoutAws(process.env), ...exports },
    stdio: 'inherit',
  });
  child.once('error', () => {
    ended(4);
  });
  child.once('exit', (code, signal) => {
    ended(code ?? 128 + constants.signals[signal ?? 'SIGTERM']);
  });
  return child;
}
