import { execa } from 'execa';

const patienceMs = 3000;

/** Runs mmdebstrap to its end, or kills it and all that it has started on `signal`; answers what it said. */
export async function runMmdebstrap(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ failed: boolean; all: string }> {
  signal.throwIfAborted();
  // A process group of its own, since apt and dpkg do not end with mmdebstrap; and it ends with a killed server.
  const child = execa('setpriv', ['--pdeathsig', 'TERM', '--', 'mmdebstrap', ...args], {
    all: true,
    reject: false,
    stdin: 'ignore',
    detached: true,
    cleanup: false,
    env: { DEBIAN_FRONTEND: 'noninteractive', ...env },
  });
  const kill = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has just ended.
    }
  };
  let late: NodeJS.Timeout | undefined;
  const abort = () => {
    kill('SIGTERM');
    late = setTimeout(kill, patienceMs, 'SIGKILL');
  };
  signal.addEventListener('abort', abort);
  try {
    const { failed, all } = await child;
    return { failed, all };
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(late);
  }
}
