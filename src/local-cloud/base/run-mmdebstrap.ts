import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';

const patienceMs = 3000;

/** mmdebstrap's own lines about the steps that take a while, in the words of a person. */
const steps: readonly (readonly [line: RegExp, step: string])[] = [
  [/^I: running apt-get update/, 'reading the lists of packages'],
  [/^I: downloading packages/, 'downloading the essential packages'],
  [/^I: extracting archives/, 'unpacking them'],
  [/^I: installing essential packages/, 'installing them'],
  [/^I: installing remaining packages/, 'downloading and installing the other packages'],
  [/^I: running --customize-hook/, 'configuring the image'],
  [/^I: cleaning package lists/, 'removing what apt leaves'],
];

/** The step that a line of mmdebstrap's begins; undefined: none. */
export function stepIn(line: string): string | undefined {
  return steps.find(([begin]) => begin.test(line))?.[1];
}

/**
 * Runs mmdebstrap to its end, or kills it and all that it has started on `signal`; answers what it said.
 * @param onStep gets each step once it begins
 */
export async function runMmdebstrap(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  onStep: (step: string) => void = () => undefined,
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
    // Its output breaks off where it is killed.
    sayStepsOf(child, onStep).catch(() => undefined);
    const { failed, all } = await child;
    return { failed, all };
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(late);
  }
}

async function sayStepsOf(child: { all: Readable }, onStep: (step: string) => void): Promise<void> {
  const lines = createInterface({ input: child.all });
  for await (const line of lines) {
    const step = stepIn(line);
    if (step !== undefined) onStep(step);
  }
}
