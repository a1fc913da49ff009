import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOf } from '../init/team-files.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { runProgram } from '../lib/run-program.ts';
import type { MergeTexts } from './judge-upgrade.ts';

/** What the texts are called at the markers of a conflict. */
interface MergeLabels {
  ours: string;
  base: string;
  theirs: string;
}

/**
 * Merges by `git merge-file`, which marks conflicts in the text.
 * @throws StageError (exit 4) when there is no git, (exit 3) when git cannot merge these texts
 */
export async function mergeTexts(texts: MergeTexts, labels: MergeLabels): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bakehouse-merge-'));
  try {
    const names = ['ours', 'base', 'theirs'] as const;
    for (const name of names) await writeFile(join(folder, name), texts[name], 'latin1');
    const called = names.flatMap((name) => ['-L', labels[name]]);
    // The style is set: a person's git may be set to another one, whose markers have a third part.
    const args = ['-c', 'merge.conflictStyle=merge', 'merge-file', ...called, ...names];
    const end = await runProgram('git', args, { cwd: folder, env: { LC_ALL: 'C' } });
    if (end.failure === 'missing')
      throw new StageError(
        'git is not installed, and merges need it: apt-get install git',
        exitCode.unavailable,
      );
    // It ends with the number of conflicts, 127 at most, and with 255 when it cannot merge.
    if (end.exitCode === undefined || end.exitCode > 127) {
      const why = end.stderr.trim() || `${end.failure ?? end.exitCode ?? ''}`;
      throw new StageError(`git merge-file failed: ${why}`, exitCode.nodeFailed);
    }
    return await bytesOf(join(folder, 'ours'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
