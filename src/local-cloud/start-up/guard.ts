import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiled where this file is: then it needs no tsx. */
const ending = extname(import.meta.url);
const clearUp = fileURLToPath(new URL(`../clear-up${ending}`, import.meta.url));

/**
 * Starts what clears up when this process is killed and cannot do so itself: a shell that waits, in a session of its own,
 * until the pipe from here ends, and then runs clear-up.ts over the state folder `root`. Answers how to dismiss it.
 */
export function guard(root: string): () => Promise<void> {
  // Whole addresses: what this process was started with may stand for something only in its folder.
  const loader = ending === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];
  const program = [process.execPath, ...loader, clearUp, root];
  const shell = spawn('sh', ['-c', 'read -r dismissed || exec "$@"', 'sh', ...program], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const ended = new Promise<void>((resolve) => {
    shell.once('error', () => {
      resolve();
    });
    shell.once('exit', () => {
      resolve();
    });
  });
  shell.stdin.on('error', () => undefined);
  return async () => {
    shell.stdin.end('dismissed\n');
    await ended;
  };
}
