import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { root } from '../cli/stage-process.ts';
import type { AccountSize } from './large-account.ts';

/** The API over a large account, in a process of its own: what it takes must not count as the stage's. */
export async function serveAccount(size: AccountSize, nowMs: number) {
  const args = [
    '--import',
    'tsx',
    join(root, 'test/bench/serve-account.ts'),
    JSON.stringify(size),
    String(nowMs),
  ];
  const server = execa(process.execPath, args, {
    cwd: root,
    // The same word on every start is nothing to read between figures.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdin: 'pipe',
    buffer: false,
    stderr: 'inherit',
  });
  for await (const line of createInterface(server.stdout)) {
    return {
      env: JSON.parse(line) as Record<string, string>,
      stop: async () => {
        server.stdin.end();
        await server;
      },
    };
  }
  await server;
  throw new Error('the server of the large account ended without a word');
}
