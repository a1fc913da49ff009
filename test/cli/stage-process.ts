import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a stage ended, as its caller sees it. */
export interface StageEnd {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/**
 * The arguments of Node that start a stage, or the local cloud: as test/run.ts has compiled it, like on an agent of
 * Jenkins, which takes a third of the time; without it by tsx.
 * @param bakehouse the program of a package that is installed, in place of both
 */
export function stageArguments(name: string, bakehouse?: string): string[] {
  if (bakehouse !== undefined) return [bakehouse, name];
  const compiled = process.env.BAKEHOUSE_TEST_STAGES;
  if (compiled === undefined) return ['--import', 'tsx', join(root, 'src', `${name}.ts`)];
  return [join(compiled, `${name}.js`)];
}

/** Runs a stage as Jenkins does: a process of its own. The environment is only what is given, and PATH. */
export async function stage(
  name: string,
  args: string[],
  options: {
    cwd?: string;
    env?: Record<string, string>;
    path?: string;
    ending?: string;
    bakehouse?: string;
  } = {},
): Promise<StageEnd> {
  const tsx = join(root, 'node_modules/.bin/tsx');
  const { ending, bakehouse } = options;
  const start =
    ending === undefined ? stageArguments(name, bakehouse) : [tsx, resolve(root, 'src', `${name}${ending}`)];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...start, ...args], {
    cwd: options.cwd ?? root,
    env: {
      PATH: options.path ?? process.env.PATH ?? '',
      // Not even root can make it.
      HOME: '/proc/nobody',
      CI: 'true',
      ...options.env,
    },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}

/**
 * Lets jest end while a program runs that a failed test left behind: it ends with jest, by `setpriv --pdeathsig`. What
 * it says still arrives.
 */
export function unref(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref();
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
