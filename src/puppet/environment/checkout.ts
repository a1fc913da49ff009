import { lstat, mkdir, readdir, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { errnoOf, exitCode, StageError } from '../../lib/errors.ts';
import { git } from './git.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** The files of an older commit. */
export interface Checkout {
  /** 40 hexadecimal digits. */
  commit: string;
  /** Where the older state of a path lies; a path outside of the repository has no other state and stays as it is. */
  at: (path: string) => string;
  /**
   * What git does not keep, as seen from the repository's folder (modules that r10k or librarian brought, submodules): it
   * is there as it is now, not as it was.
   */
  borrowed: string[];
}

/**
 * Lays the files of a commit into a temporary folder, which is removed in every outcome. Nothing of the repository, its
 * index or its work tree changes.
 * @param path a file or folder in the repository: what git ignores below it is borrowed
 * @param rev any name of a commit
 * @throws CheckoutError in a sentence, with a `reason`, when there is no such commit here
 */
export async function withCheckout<T>(
  path: string,
  rev: string,
  use: (checkout: Checkout) => Promise<T>,
  options: { signal?: AbortSignal; temporary?: string } = {},
): Promise<T> {
  const { signal } = options;
  const repository = await findCommit(path, rev, signal);
  const folder = await makeTemporaryFolder(options.temporary);
  try {
    const files = join(folder, 'files');
    await mkdir(files);
    const index = join(folder, 'index');
    await layOut(repository, files, index, signal);
    const borrowed = await borrow(repository, resolve(path), files, index, signal);
    signal?.throwIfAborted();
    const real = await realpath(files);
    return await use({ commit: repository.commit, at: (one) => mapped(one, repository.top, real), borrowed });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * As `git checkout` would: by an index of its own, so that none but the files' own attributes count. (`git archive`
 * leaves out and changes what `export-ignore` and `export-subst` name.)
 */
async function layOut(
  { top, gitFolder, commit }: Repository,
  files: string,
  index: string,
  signal?: AbortSignal,
) {
  const { failed, stderr } = await git(
    files,
    [
      ...['-c', 'core.sparseCheckout=false', `--git-dir=${gitFolder}`, `--work-tree=${files}`],
      ...['read-tree', '--reset', '-u', '--no-recurse-submodules', commit],
    ],
    { signal, env: { GIT_INDEX_FILE: index } },
  );
  if (failed) {
    const last = stderr.trim().split('\n').at(-1) ?? '';
    throw new StageError(`${top}: git cannot lay out the files of ${commit}: ${last}`, exitCode.unavailable);
  }
}

/** Links what is there now to where it would be then, unless the commit has something there. */
async function borrow(
  { top, gitFolder }: Repository,
  path: string,
  files: string,
  index: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const [ignored, kept] = await Promise.all([
    git(top, ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory', '--', path], {
      signal,
    }),
    git(files, [`--git-dir=${gitFolder}`, `--work-tree=${files}`, 'ls-files', '-s', '-z'], {
      signal,
      env: { GIT_INDEX_FILE: index },
    }),
  ]);
  const lines = (bytes: Buffer) => bytes.toString().split('\0').filter(Boolean);
  const submodules = lines(kept.stdout).flatMap((line) => /^160000 \S+ 0\t([^]+)$/.exec(line)?.[1] ?? []);
  const borrowed: string[] = [];
  for (const name of [...lines(ignored.stdout), ...submodules]) {
    const plain = name.replace(/\/$/, '');
    const from = join(top, plain);
    const to = join(files, plain);
    if (!(await isThere(from)) || !(await isFree(to))) continue;
    await rm(to, { recursive: true, force: true });
    await mkdir(dirname(to), { recursive: true });
    await symlink(from, to);
    borrowed.push(plain);
  }
  return borrowed.sort();
}

/** Something worth a link: a submodule that was never fetched is an empty folder. */
async function isThere(path: string): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined);
  return stat?.isDirectory() === true ? (await readdir(path)).length > 0 : stat !== undefined;
}

/** Nothing, or the empty folder that git makes for a submodule; and no file of the commit lies above it. */
async function isFree(path: string): Promise<boolean> {
  try {
    const stat = await lstat(path);
    return stat.isDirectory() && (await readdir(path)).length === 0;
  } catch (error) {
    return errnoOf(error) === 'ENOENT';
  }
}

function mapped(path: string, top: string, files: string): string {
  const inside = relative(top, resolve(path));
  if (inside === '..' || inside.startsWith(`..${sep}`)) return path;
  return join(files, inside);
}

/** Why there are no files of a commit. */
export type NoCheckout =
  | 'no-git'
  | 'no-repository'
  | 'not-trusted'
  | 'bad-revision'
  | 'not-committed'
  | 'unknown-revision'
  | 'shallow';

/** There are no files of a commit; the message says why. */
export class CheckoutError extends StageError {
  readonly reason: NoCheckout;

  constructor(reason: NoCheckout, message: string) {
    super(message, reason === 'no-git' ? exitCode.unavailable : exitCode.badInput);
    this.reason = reason;
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
async function findCommit(path: string, rev: string, signal?: AbortSignal): Promise<Repository> {
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
