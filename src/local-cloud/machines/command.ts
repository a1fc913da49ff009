import { execa } from 'execa';

/** Runs a system command to its end. Throws with what it wrote to stderr when it fails. */
export async function command(
  file: string,
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
) {
  const { stdout } = await execa(file, args, {
    ...options,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
  });
  return stdout;
}

/** Runs a command whose failure means that there was nothing to do. */
export async function attempt(file: string, args: readonly string[]): Promise<boolean> {
  const { failed } = await execa(file, args, { reject: false, stdin: 'ignore' });
  return !failed;
}
