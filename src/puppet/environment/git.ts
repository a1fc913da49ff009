import { execFile } from 'node:child_process';

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
  const settings = {
    env: { ...gitEnvironment(process.env), ...options.env },
    encoding: 'buffer' as const,
    maxBuffer: 1_000_000_000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  // By Node's own means: execa takes a tenth of a second to load, which every plan would wait for.
  const answer = await new Promise<GitAnswer>((resolve) => {
    const child = execFile('git', ['-C', folder, ...careful, ...args], settings, (error, stdout, stderr) => {
      const end = () => {
        resolve({ failed: error !== null, stdout, stderr: stderr.toString() });
      };
      // After an abort git may still be writing, to a folder that is taken away next.
      const isOver = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
      if (isOver) end();
      else child.once('exit', end);
    });
    // One that ends before it has read all says so by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
  });
  options.signal?.throwIfAborted();
  return answer;
}
