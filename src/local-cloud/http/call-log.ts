import { appendFileSync, existsSync } from 'node:fs';
import type { Call } from './dispatch.ts';

/** Writes each call as a line of JSON to `file`, if it exists by now; without it this costs nothing. */
export function openCallLog(file: string, warn: (line: string) => void): ((call: Call) => void) | undefined {
  if (!existsSync(file)) return undefined;
  return (call) => {
    try {
      appendFileSync(file, `${JSON.stringify(call)}\n`);
    } catch (error) {
      warn(`cannot write ${file}: ${String(error)}`);
    }
  };
}
