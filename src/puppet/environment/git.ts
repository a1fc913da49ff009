import { execa } from 'execa';

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
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

/**
 * Against settings that make git look at files less closely than it could, or ask a daemon about them; and replaced
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
  const { failed, stdout, stderr } = await execa('git', ['-C', folder, ...careful, ...args], {
    env: { ...gitEnvironment(process.env), ...options.env },
    extendEnv: false,
    encoding: 'buffer',
    reject: false,
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    maxBuffer: 1_000_000_000,
  });
  options.signal?.throwIfAborted();
  // There is none of both when git could not be started.
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []);
  return { failed, stdout: text(stdout), stderr: text(stderr).toString() };
}
