import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { git } from './git.ts';

/** Why there are no files of a commit. */
export type NoCheckout =
  | 'no-git'
  | 'no-repository'
  | 'not-trusted'
  | 'bad-revision'
  | 'not-committed'
  | 'unknown-revision'
  | 'shallow';

export class CheckoutError extends Error {
  readonly reason: NoCheckout;
  readonly exitCode: number;

  constructor(reason: NoCheckout, message: string) {
    super(message);
    this.reason = reason;
    this.exitCode = reason === 'no-git' ? 4 : 2;
  }
}

/** A commit that is there, in the repository that a path lies in. */
export interface Repository {
  /** The folder of its work tree, links resolved. */
  top: string;
  gitFolder: string;
  commit: string;
}

/** @throws CheckoutError */
export async function findCommit(path: string, rev: string, signal?: AbortSignal): Promise<Repository> {
  refuse(rev);
  const place = await stat(path).catch(() => undefined);
  const folder = place?.isDirectory() === false ? dirname(resolve(path)) : path;
  const lines = async (...args: string[]) => {
    const answer = await git(folder, ['rev-parse', ...args], { signal });
    return answer.failed ? [] : answer.stdout.toString().trimEnd().split('\n');
  };
  // Each by itself: a folder's name may hold a line break.
  const [[...top], [...gitFolder], [commit], [shallow]] = await Promise.all([
    lines('--show-toplevel'),
    lines('--absolute-git-dir'),
    lines('--verify', '--quiet', '--end-of-options', `${rev}^{commit}`),
    lines('--is-shallow-repository'),
  ]);
  if (top.length === 0 || place === undefined) throw await whyNoRepository(path, folder);
  if (commit === undefined) throw whyNoCommit(path, rev, shallow === 'true');
  return { top: await realpath(top.join('\n')), gitFolder: gitFolder.join('\n'), commit };
}

/** What an image of ours may name as its commit, and what git would take for an option. */
function refuse(rev: string): void {
  if (rev === 'unknown') {
    throw new CheckoutError(
      'not-committed',
      'its commit is unknown: its files came from a folder that is no git checkout',
    );
  }
  const dirty = /^([0-9a-f]{40,64})-dirty$/.exec(rev)?.[1];
  if (dirty !== undefined) {
    throw new CheckoutError(
      'not-committed',
      `its files were not committed: they differed from commit ${dirty.slice(0, 12)} when they were baked`,
    );
  }
  if (rev === '' || rev.startsWith('-') || rev.includes('\0')) {
    throw new CheckoutError('bad-revision', `'${rev}' is no revision: give a commit, a branch or a tag`);
  }
}

async function whyNoRepository(path: string, folder: string): Promise<CheckoutError> {
  const { stderr, stdout, failed } = await git(folder, ['rev-parse', '--is-inside-work-tree']);
  if (/dubious ownership|safe\.directory/.test(stderr)) {
    return new CheckoutError(
      'not-trusted',
      `${path}: git does not trust this repository, which belongs to another user: allow it with git config --global --add safe.directory`,
    );
  }
  const started = stderr !== '' || stdout.length > 0 || !failed;
  return started
    ? new CheckoutError(
        'no-repository',
        `${path}: it is not in a git checkout, so there is no older state of it`,
      )
    : new CheckoutError('no-git', `${path}: git cannot be started: install git`);
}

function whyNoCommit(path: string, rev: string, shallow: boolean): CheckoutError {
  return shallow
    ? new CheckoutError(
        'shallow',
        `${path}: git has not the commit '${rev}': this is a shallow clone; fetch more of it (git fetch --deepen 100, or --unshallow; fetch-depth: 0)`,
      )
    : new CheckoutError('unknown-revision', `${path}: git knows no commit '${rev}'${ofElsewhere(rev)}`);
}

/** A full id is not a slip of the pen: an image's tag says it. */
function ofElsewhere(rev: string): string {
  return /^[0-9a-f]{40,64}$/.test(rev)
    ? ': it is of another repository, which the image was baked from, or was not fetched'
    : '';
}
