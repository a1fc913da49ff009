import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readTree } from '../../../src/puppet/environment/read-tree.ts';
import { treeWithoutGit } from './tree-without-git.ts';
import { Repository } from './repository.ts';

let repo: Repository;
let outside: string;
beforeEach(() => {
  repo = new Repository();
  outside = mkdtempSync(join(tmpdir(), 'outside-'));
});
afterEach(() => {
  repo.remove();
  rmSync(outside, { recursive: true, force: true });
});

describe('what git does not vouch for is read', () => {
  const changes: [string, () => void][] = [
    [
      'a changed file',
      () => {
        repo.write({ a: 'other' });
      },
    ],
    [
      'a staged one',
      () => {
        repo.write({ a: 'other' });
        repo.git('add', 'a');
      },
    ],
    [
      'a new one',
      () => {
        repo.write({ new: 'x' });
      },
    ],
    [
      'an ignored one',
      () => {
        repo.write({ 'modules/x/init.pp': 'x' });
      },
    ],
    [
      'one that is gone',
      () => {
        rmSync(join(repo.path, 'a'));
      },
    ],
    [
      'a changed mode',
      () => {
        chmodSync(join(repo.path, 'a'), 0o755);
      },
    ],
    [
      'a mode that git ignores',
      () => {
        repo.git('config', 'core.fileMode', 'false');
        chmodSync(join(repo.path, 'a'), 0o755);
      },
    ],
    [
      'one that is assumed to be unchanged',
      () => {
        repo.git('update-index', '--assume-unchanged', 'a');
        repo.write({ a: 'xx' });
      },
    ],
    [
      'one of a sparse checkout',
      () => {
        repo.git('update-index', '--skip-worktree', 'a');
        repo.write({ a: 'xx' });
      },
    ],
    [
      'one that is only meant to be added',
      () => {
        repo.write({ n: 'n' });
        repo.git('add', '-N', 'n');
      },
    ],
    [
      'a name that is no UTF-8',
      () => {
        writeFileSync(Buffer.from(`${repo.path}/caf\xe9`, 'latin1'), 'x');
      },
    ],
    [
      'one that became a link',
      () => {
        renameSync(join(repo.path, 'a'), join(outside, 'a'));
        symlinkSync(join(outside, 'a'), join(repo.path, 'a'));
      },
    ],
    [
      'a folder that became a link',
      () => {
        renameSync(join(repo.path, 'd'), join(outside, 'd'));
        writeFileSync(join(outside, 'd/e'), 'yy');
        symlinkSync(join(outside, 'd'), join(repo.path, 'd'));
      },
    ],
    [
      'a change of the same size in the same second',
      () => {
        repo.write({ a: 'b' });
      },
    ],
    [
      'a file that git ends with another line break',
      () => {
        repo.write({ '.gitattributes': '*.t text eol=crlf\n', 'x.t': 'a\r\nb\r\n' });
        repo.commit();
      },
    ],
    [
      'one that it takes for text',
      () => {
        repo.git('config', 'core.autocrlf', 'input');
        repo.write({ x: 'a\r\n' });
        repo.commit();
      },
    ],
    [
      'one with an id in it',
      () => {
        repo.commit({ '.git/info/attributes': 'x ident\n', x: '$Id$\n' });
        rmSync(join(repo.path, 'x'));
        repo.git('checkout', 'x');
      },
    ],
    [
      'one that a program has filtered',
      () => {
        repo.git('config', 'filter.f.clean', 'cat');
        repo.git('config', 'filter.f.smudge', 'tr a b');
        repo.commit({ '.gitattributes': 'x filter=f\n', x: 'aaa' });
        rmSync(join(repo.path, 'x'));
        repo.git('checkout', 'x');
      },
    ],
    [
      'a conflict',
      () => {
        repo.git('checkout', '-q', '-b', 'o');
        repo.commit({ a: 'o' });
        repo.git('checkout', '-q', 'main');
        repo.commit({ a: 'm' });
        try {
          repo.git('merge', 'o');
        } catch {
          /* as wanted */
        }
      },
    ],
  ];
  test.each(changes)('%s', async (_, change) => {
    repo.commit({ a: 'a', 'd/e': 'e', '.gitignore': '/modules\n' });
    change();
    const { tree } = await readTree(repo.path);
    expect([...tree]).toEqual([...(await treeWithoutGit(repo.path, join(outside, 'copy')))]);
  });
});
