import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '../state/process-id.ts';

/** A machine's init has it in its environment, of which systemd hands nothing on to the services. */
const mark = 'BAKEHOUSE_MACHINE';
const giveUpMs = 5000;

/** The argument of nspawn by which {@link endProcesses} knows the machine in `folder`, and its init. */
export function markOf(folder: string): string {
  return `--setenv=${mark}=${folder}/`;
}

/**
 * Waits until nothing runs of the machines under `folder`, and sends SIGKILL to what does after `patienceMs`.
 *
 * To nspawn and to the inits: an nspawn that dies before it listens to signals leaves the init that it has just made
 * behind, and that one boots and goes on without it.
 */
export async function endProcesses(folder: string, patienceMs: number): Promise<void> {
  const start = Date.now();
  for (;;) {
    const { nspawns, inits } = processesUnder(folder);
    const waited = Date.now() - start;
    if (nspawns.length + inits.length === 0 || waited > patienceMs + giveUpMs) return;
    // Nobody will tell an init without its nspawn to power off.
    if (nspawns.length === 0) inits.forEach(kill);
    else if (waited >= patienceMs) [...nspawns, ...inits].forEach(kill);
    await sleep(20);
  }
}

function processesUnder(folder: string): { nspawns: number[]; inits: number[] } {
  const alive = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) && identify(Number(name)) !== undefined ? [Number(name)] : [],
  );
  // Also setpriv and the shell, which are about to become nspawn.
  const nspawns = alive.filter((pid) => {
    const words = wordsOf(pid, 'cmdline');
    return words.includes('systemd-nspawn') && words.some((word) => word.startsWith(markOf(folder)));
  });
  const inits = alive.filter((pid) =>
    wordsOf(pid, 'environ').some((word) => word.startsWith(`${mark}=${folder}/`)),
  );
  return { nspawns, inits };
}

function wordsOf(pid: number, file: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
