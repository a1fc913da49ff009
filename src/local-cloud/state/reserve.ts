import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';

const bytes = 512 * 1024;

/** Space on the disk that is held back for deleting things on a full one. */
export interface Reserve {
  readonly spend: () => void;
  /** Holds it back again, if there is room. */
  readonly refill: () => void;
}

/** Keeps the reserve in `file`. */
export function keepReserve(file: string): Reserve {
  let full = false;
  const spend = () => {
    full = false;
    rmSync(file, { force: true });
  };
  return {
    spend,
    refill: () => {
      if (full) return;
      try {
        // Random, or a file system that compresses would hold nothing back.
        if (!existsSync(file)) writeFileSync(file, randomBytes(bytes), { mode: 0o600 });
        full = true;
      } catch {
        spend();
      }
    },
  };
}
