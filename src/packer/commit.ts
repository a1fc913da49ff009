import { runProgram } from './run-program.ts';

/** The commit that a folder of a git checkout stands at, with `-dirty` when files differ from it; else `unknown`. */
export async function commitOf(folder: string): Promise<string> {
  const git = (...args: string[]) => runProgram('git', ['-C', folder, ...args]);
  const head = await git('rev-parse', 'HEAD');
  if (head.exitCode !== 0) return 'unknown';
  const changed = await git('status', '--porcelain', '--', '.');
  const commit = head.stdout.trim();
  return changed.exitCode === 0 && changed.stdout === '' ? commit : `${commit}-dirty`;
}
