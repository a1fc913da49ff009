import { readFileSync, readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTicks } from '../../lib/run-program.ts';
import { sha256 } from '../../lib/hash.ts';

const prefix = 'bakehouse-checkout-';
const dayMs = 86_400_000;

/**
 * Makes a temporary folder that bears the mark of this process, and removes those of processes that have ended: who is
 * killed cannot clean up.
 */
export async function makeTemporaryFolder(where = tmpdir()): Promise<string> {
  await removeLeftovers(where, Date.now());
  return mkdtemp(join(where, `${prefix}${machineMark()}-${process.pid}-${startTicks(process.pid)}-`));
}

async function removeLeftovers(where: string, now: number): Promise<void> {
  for (const name of await readdir(where).catch(() => [])) {
    const match = new RegExp(`^${prefix}([0-9a-f]{8})-(\\d+)-(\\d+)-[A-Za-z0-9]{6}$`).exec(name);
    if (match === null) continue;
    const [, machine, pid, start] = match;
    const folder = join(where, name);
    const stat = await lstat(folder).catch(() => undefined);
    // Somebody else could have put a link there, or a folder of theirs.
    if (stat?.isDirectory() !== true || stat.uid !== process.getuid?.()) continue;
    // Of processes elsewhere (another container with the same /tmp, before a restart) nothing but the age is known.
    const isLeftover =
      machine === machineMark() ? startTicks(Number(pid)) !== Number(start) : now - stat.mtimeMs > dayMs;
    if (isLeftover) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** What makes a process id mean a process: this start of the machine, and the container. */
function machineMark(): string {
  const read = (get: () => string) => {
    try {
      return get();
    } catch {
      return '';
    }
  };
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const container = read(() => readlinkSync('/proc/self/ns/pid'));
  return sha256(`${boot} ${container}`).slice(0, 8);
}
