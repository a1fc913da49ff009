import { rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** More than Packer prints in a bake. The poll is so frequent that a disk rarely fills up in between. */
const leastBytes = 1024 * 1024;
const pollMs = 500;

/** Whether a folder's disk still has free space. */
export interface DiskWatch {
  /** Aborted: nothing more can be written there. */
  full: AbortSignal;
  /** Why that is; undefined while there is space. */
  problem: () => string | undefined;
  /** To be called with what a write there has failed with. */
  fail: (error: unknown) => void;
  end: () => void;
}

/**
 * Watches the free space of a folder's disk. It reserves some and frees it when there is no more: a Packer that cannot
 * write hangs, while it could still terminate its machine.
 */
export function diskWatch(folder: string): DiskWatch {
  const full = new AbortController();
  let problem: string | undefined;
  const reserve = join(folder, 'reserve');
  const fail = (error: unknown) => {
    if (full.signal.aborted) return;
    rmSync(reserve, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    problem = `nothing can be written to ${folder}: ${why}`;
    full.abort();
  };
  try {
    writeFileSync(reserve, Buffer.alloc(leastBytes));
  } catch (error) {
    fail(error);
  }
  const clock = setInterval(() => {
    statfs(folder).then(
      ({ bavail, bsize }) => {
        if (bavail * bsize < leastBytes) fail(new Error("this computer's disk is full"));
      },
      // Not every file system says how much is free.
      () => undefined,
    );
  }, pollMs);
  return {
    full: full.signal,
    problem: () => problem,
    fail,
    end: () => {
      clearInterval(clock);
      rmSync(reserve, { force: true });
    },
  };
}
