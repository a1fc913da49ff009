import type { ChildProcess } from 'node:child_process';

/** The lines that a process writes, asked for one after the other. */
export interface Lines {
  /** The next line; `late` after so many ms without one, `ended` when there will be none. */
  next: (limitMs: number) => Promise<Buffer | 'late' | 'ended'>;
}

/**
 * Lines of any length, split at `\n` only (readline also splits at U+2028, which JSON may hold), and put together once,
 * not with each piece that comes.
 */
export function linesOf(child: ChildProcess): Lines {
  const lines: Buffer[] = [];
  let pieces: Buffer[] = [];
  let ended = false;
  let wake = () => {
    // Nobody waits yet.
  };
  const end = () => {
    ended = true;
    wake();
  };
  child.stdout?.on('data', (data: Buffer) => {
    let rest = data;
    for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
      lines.push(Buffer.concat([...pieces, rest.subarray(0, at)]));
      pieces = [];
      rest = rest.subarray(at + 1);
    }
    if (rest.length > 0) pieces.push(rest);
    wake();
  });
  child.once('error', end);
  child.once('close', end);
  return {
    async next(limitMs) {
      const late = Date.now() + limitMs;
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        if (ended) return 'ended';
        const left = late - Date.now();
        if (left <= 0) return 'late';
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}
