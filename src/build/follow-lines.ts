import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a line may wait before it is shown, ms. */
const pollMs = 150;

/** Gives each line of a growing file, as it comes, until `done` is aborted and the file has been read to its end. */
export async function followLines(
  path: string,
  done: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const file = await open(path, 'r');
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(64 * 1024);
  let rest = '';
  try {
    for (;;) {
      // Looked at before reading: what was written before the end is read after it.
      const last = done.aborted;
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      if (bytesRead > 0) continue;
      if (last) break;
      await sleep(pollMs, undefined, { signal: done }).catch(() => undefined);
    }
    if (rest !== '') onLine(rest);
  } finally {
    await file.close();
  }
}
