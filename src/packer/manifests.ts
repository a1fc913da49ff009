import { stat } from 'node:fs/promises';
import { execa } from 'execa';

/** The folder of the Puppet environment cannot be used. */
export class ManifestsError extends Error {
  readonly exitCode = 2;
}

/** Checks the folder of the Puppet environment. @throws ManifestsError */
export async function checkManifests(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new ManifestsError(
      `${folder}: there is no such folder: name the Puppet environment with --manifests DIR`,
    );
  }
}

/** The commit that a folder of a git checkout stands at, with `-dirty` when files differ from it; else `unknown`. */
export async function commitOf(folder: string): Promise<string> {
  const git = (...args: string[]) =>
    execa('git', ['-C', folder, ...args], { reject: false, stdin: 'ignore' });
  const head = await git('rev-parse', 'HEAD');
  if (head.exitCode !== 0) return 'unknown';
  const changed = await git('status', '--porcelain', '--', '.');
  return changed.exitCode === 0 && changed.stdout === '' ? head.stdout : `${head.stdout}-dirty`;
}
