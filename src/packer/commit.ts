import { execa } from 'execa';

/** The commit that a folder of a git checkout stands at, with `-dirty` when files differ from it; else `unknown`. */
export async function commitOf(folder: string): Promise<string> {
  const git = (...args: string[]) =>
    execa('git', ['-C', folder, ...args], { reject: false, stdin: 'ignore' });
  const head = await git('rev-parse', 'HEAD');
  if (head.exitCode !== 0) return 'unknown';
  const changed = await git('status', '--porcelain', '--', '.');
  return changed.exitCode === 0 && changed.stdout === '' ? head.stdout : `${head.stdout}-dirty`;
}
