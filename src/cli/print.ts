import { printable } from '../lib/printable.ts';

/** The only file that writes to the terminal, so that nothing is printed which {@link printable} has not seen. */

// After a hang-up nobody reads stderr, and an unheard error there would end us before the cleaning up.
process.stderr.on('error', () => undefined);

/** A line of diagnosis or progress, to stderr. */
export function printDiagnosis(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Writes a result that is safe already to stdout and waits until it is out: process.exit would cut off what a pipe has not taken yet. */
export async function printResult(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error | null) => {
      // A reader that went away (`| head`) is no failure of the stage; a disk that lost the result is.
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT')
        reject(new Error('the result cannot be written', { cause: error }));
      else resolve();
    };
    process.stdout.once('error', settle);
    process.stdout.write(text, settle);
  });
}

/** Whether somebody sits in front of this process, who reads questions and answers them. */
export function hasPerson(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks a question on the terminal.
 * @returns the line of the answer; undefined when the terminal gives no more
 * @throws the signal's reason
 */
export async function askPerson(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises');
  signal.throwIfAborted();
  // Not as a terminal: it would keep Ctrl-C to itself.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await new Promise((resolve, reject) => {
      lines.once('close', () => {
        resolve(undefined);
      });
      lines.question(printable(question), { signal }).then(resolve, () => {
        reject(signal.reason as Error);
      });
    });
  } finally {
    lines.close();
  }
}

/** A text in lines of at most `width` cells, broken between words; a word that is longer has a line of its own. */
export function wrapped(text: string, width: number, widthOf = (line: string) => line.length): string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  const indent = line;
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
    if (line.trim() === '' || widthOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
  }
  return [...lines, line];
}
