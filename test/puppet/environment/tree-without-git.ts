import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { readTree } from '../../../src/puppet/environment/read-tree.ts';

/** What a folder holds when there is no git to ask: the measure of all answers. */
export async function treeWithoutGit(folder: string, copy: string) {
  execFileSync('cp', ['-a', folder, copy]);
  rmSync(join(copy, '.git'), { recursive: true });
  const { tree, commit } = await readTree(copy);
  expect(commit).toBeUndefined();
  return tree;
}
