import type { EnvironmentFiles } from './environment-files.ts';
import { textOfPath, type TreeFile } from './tree.ts';

/** What a git command said; `failed` also when there is no git. */
export interface GitAnswer {
  failed: boolean;
  stdout: Buffer;
  stderr: string;
}

/**
 * The environment without what git sets for its hooks (GIT_DIR, GIT_INDEX_FILE, …), which would name another repository
 * than that of the folder; in English, and without taking locks that a person's own git may want.
 */
function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

/**
 * Against settings that make git check files less closely than it can, or ask a daemon about them; and replaced
 * objects would show another commit than the one that an image names.
 */
const careful = ['--no-replace-objects'].concat(
  [
    'core.fsmonitor=false',
    'core.untrackedCache=false',
    'core.checkStat=default',
    'core.trustctime=true',
  ].flatMap((setting) => ['-c', setting]),
);

export interface GitOptions {
  input?: Buffer;
  signal?: AbortSignal | undefined;
  /** Over the environment without git's own variables. */
  env?: Record<string, string>;
}

/** Runs a git command in a folder; never throws, apart from an abort. */
export async function git(
  folder: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitAnswer> {
  const { execa } = await import('execa');
  options.signal?.throwIfAborted();
  // After an abort it ends only when git has: git may still be writing, to a folder that is taken away next.
  const { failed, stdout, stderr } = await execa('git', ['-C', folder, ...careful, ...args], {
    env: { ...gitEnvironment(process.env), ...options.env },
    extendEnv: false,
    encoding: 'buffer',
    input: options.input ?? Buffer.alloc(0),
    maxBuffer: 1_000_000_000,
    reject: false,
    stripFinalNewline: false,
    ...(options.signal !== undefined && { cancelSignal: options.signal }),
  });
  options.signal?.throwIfAborted();
  const bytes = (output: Uint8Array) => Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  return { failed, stdout: bytes(stdout), stderr: bytes(stderr).toString() };
}

/** What git knows of a folder. */
export interface GitKnows {
  /** Files whose bytes are those of a git object, by their inside path from the folder (see tree.ts). */
  clean: ReadonlyMap<string, TreeFile>;
  /** The commit that is checked out; undefined without one, and where git keeps nothing of this folder. */
  commit: string | undefined;
  /** As `git status` says of the folder: something is changed, staged or new. */
  dirty: boolean;
}

const nothing: GitKnows = { clean: new Map(), commit: undefined, dirty: false };

/** With any of these the bytes of a checked-out file may be others than those of its object. */
const converting = ['text', 'eol', 'crlf', 'ident', 'filter', 'working-tree-encoding'];

/** Asks git about a folder, or about the files in it that belong to an environment; without git, a repository, or git's trust in it (`safe.directory`) it knows nothing. */
export async function askGit(folder: string, only?: EnvironmentFiles): Promise<GitKnows> {
  const [listed, changed, head, status, prefix, conversion] = await Promise.all([
    git(folder, ['ls-files', '-s', '-v', '-z', '--', '.']),
    // The modes count, also where a person's git ignores them.
    git(folder, [
      '-c',
      'core.fileMode=true',
      'diff-files',
      '--name-only',
      '--relative',
      '--no-renames',
      '-z',
      '--',
      '.',
    ]),
    git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    git(folder, ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--', '.']),
    git(folder, ['rev-parse', '--show-prefix']),
    git(folder, ['config', '--get', 'core.autocrlf']),
  ]);
  if (listed.failed || listed.stdout.length === 0) return nothing;
  const commit = head.failed ? undefined : head.stdout.toString().trim();
  const changes = changedPaths(status.stdout.toString('latin1'), prefix.stdout.toString('latin1'));
  const dirty =
    status.failed ||
    changes.some((path) => only === undefined || only.has(path) || only.leadsTo(path.replace(/\/$/, '')));
  const converts = conversion.stdout.toString().trim().toLowerCase();
  if (changed.failed || !['', 'false', 'no', 'off', '0'].includes(converts)) {
    return { ...nothing, commit, dirty };
  }
  const clean = filesOfIndex(listed.stdout.toString('latin1'));
  for (const path of changed.stdout.toString('latin1').split('\0')) clean.delete(path);
  await leaveOutConverted(folder, clean);
  return { clean, commit, dirty };
}

/** The paths of `git status --porcelain -z --no-renames`, which sees them from the repository's top, from the folder. */
function changedPaths(text: string, prefix: string): string[] {
  const start = prefix.replace(/\n$/, '').length + 'XY '.length;
  return text
    .split('\0')
    .filter(Boolean)
    .map((entry) => textOfPath(entry.slice(start)));
}

/**
 * The ordinary files of `git ls-files -s -v -z`. Not those that git was asked to ignore (a small letter:
 * assume-unchanged; S: skip-worktree), that are in conflict, links, submodules, or ids that are no SHA-1.
 */
function filesOfIndex(text: string): Map<string, TreeFile> {
  const files = new Map<string, TreeFile>();
  for (const line of text.split('\0')) {
    const match = /^H 100(644|755) ([0-9a-f]{40}) 0\t([^]+)$/.exec(line);
    if (match === null) continue;
    const [, mode, id = '', path = ''] = match;
    files.set(path, { id, executable: mode === '755' });
  }
  return files;
}

/** Attributes also come from above the folder, from the repository's own file and from a person's: only git knows. */
async function leaveOutConverted(folder: string, files: Map<string, TreeFile>): Promise<void> {
  const input = Buffer.from([...files.keys()].map((path) => `${path}\0`).join(''), 'latin1');
  const { failed, stdout } = await git(folder, ['check-attr', '-z', '--stdin', ...converting], { input });
  if (failed) {
    files.clear();
    return;
  }
  const fields = stdout.toString('latin1').split('\0');
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const value = fields[at + 2];
    if (value !== 'unspecified' && value !== 'unset') files.delete(fields[at] ?? '');
  }
}
