import { execFile } from 'node:child_process';

/** How a program ended, and what it said. */
export interface ProgramEnd {
  /** `missing`: there is no such program; undefined: it did not end by itself. */
  exitCode: number | 'missing' | undefined;
  stdout: string;
  stderr: string;
}

const maxBytes = 100_000_000;

/**
 * Runs a program that is over soon, with nothing to read. By Node's own means: execa takes a tenth of a second to load,
 * which every generate and build would wait for.
 * @param env over our own environment
 * @param timeoutMs after that it is told to end; 0: it may take as long as it likes
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeoutMs = 0,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: maxBytes };
    const child = execFile(name, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : exitCodeOf(error.code), stdout, stderr });
    });
    child.stdin?.end();
  });
}

function exitCodeOf(code: unknown): ProgramEnd['exitCode'] {
  if (code === 'ENOENT') return 'missing';
  return typeof code === 'number' ? code : undefined;
}
