import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { BakeRecord } from './bake-record.ts';

/** Tells a process from every other, also from a later one with the same number. */
export type ProcessMark = BakeRecord['process'];

/** The mark of this process. */
export async function ownMark(): Promise<ProcessMark> {
  return { host: hostname(), pid: process.pid, startTicks: (await startTicks(process.pid)) ?? 0 };
}

/** Whether the marked process still runs; undefined when that can't be told from here (another host). */
export async function stillRuns(mark: ProcessMark): Promise<boolean | undefined> {
  if (mark.host !== hostname() || process.platform !== 'linux') return undefined;
  return (await startTicks(mark.pid)) === mark.startTicks;
}

/** When a process started, in clock ticks since the boot; the 22nd field of proc(5)'s stat. */
async function startTicks(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the command in brackets and may hold spaces and brackets itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[19] === undefined ? undefined : Number(fields[19]);
}
