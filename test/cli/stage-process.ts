import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a stage ended, as whoever called it sees it. */
export interface StageEnd {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a stage as Jenkins does: a process of its own. The environment is only what is given, and PATH. */
export async function stage(
  name: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; path?: string; ending?: string } = {},
): Promise<StageEnd> {
  const tsx = join(root, 'node_modules/.bin/tsx');
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [tsx, resolve(root, 'src', `${name}${options.ending ?? '.ts'}`), ...args],
    {
      cwd: options.cwd ?? root,
      env: {
        PATH: options.path ?? process.env.PATH ?? '',
        HOME: '/nonexistent',
        CI: 'true',
        ...options.env,
      },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    },
  );
  return { exitCode, stdout, stderr };
}

/** A temporary folder with a space in its name, as a Jenkins workspace may have; `remove` takes it away. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'bakehouse test '));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
