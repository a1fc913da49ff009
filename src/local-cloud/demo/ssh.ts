import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { LocalCloudError } from '../local-cloud-error.ts';

/** Runs a command on the machine; answers what it printed. Throws what it said when it fails. */
export type Ssh = (
  command: string,
  options?: { input?: string; timeoutMs?: number; signal?: AbortSignal },
) => Promise<string>;

/** ssh's own exit code for a connection that did not come about; all others are the command's. */
const noConnection = 255;
const connectMs = 60_000;

/** ssh to a machine that may still boot. `folder` holds the key, and takes the host key that is to stay the same. */
export function sshTo(address: string, keyFile: string, folder: string): Ssh {
  const options = [
    ...['-i', keyFile, '-F', 'none', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=3', '-o', 'LogLevel=ERROR'],
    ...['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${join(folder, 'known_hosts')}`],
  ];
  return async (command, { input = '', timeoutMs = 30_000, signal } = {}) => {
    const deadline = Date.now() + connectMs;
    for (;;) {
      const { exitCode, failed, timedOut, stdout, stderr, isCanceled } = await execa(
        'ssh',
        [...options, `admin@${address}`, command],
        {
          input,
          reject: false,
          timeout: timeoutMs,
          ...(signal === undefined ? {} : { cancelSignal: signal }),
        },
      );
      if (!failed) return stdout;
      if (exitCode === noConnection && Date.now() < deadline && !isCanceled) {
        await pause(300, undefined, signal === undefined ? {} : { signal });
        continue;
      }
      const why = timedOut
        ? `it took longer than ${timeoutMs / 1000} s`
        : stderr.trim() || `exit code ${exitCode}`;
      throw new LocalCloudError(`'${command}' failed on the machine ${address}: ${why}`);
    }
  };
}
