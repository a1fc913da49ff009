import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';

/** The command lines of all processes on this computer, the machines' own ones too. */
export function commandLines(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

/** The name of the bridge that has an address. */
export async function bridgeOf(address: string): Promise<string> {
  const { stdout } = await execa('ip', ['-o', 'address', 'show', 'to', `${address}/32`]);
  return stdout.split(/\s+/)[1] ?? '';
}
