import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { root, temporaryFolder } from './stage-process.ts';

/** A process that shows a piece of work: 8 of its 20 steps. */
const program = `
import { setTimeout as pause } from 'node:timers/promises';
import { showWork, watched } from '${root}/src/cli/progress.ts';
const work = showWork('cleanup', watched());
work.portion('deleting in us-east-1', { done: 8, of: 20 });
await pause(1_000);
await work.end();
`;

const env = { CI: undefined, TERM: 'xterm', NO_COLOR: '1' };

test('a piece of work is a bar on a terminal, and nothing in a log where it ends soon', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'work.mts');
  writeFileSync(file, program);
  const command = [process.execPath, '--import', 'tsx', file];
  // script gives it a terminal, as wide as it likes.
  const [terminal, log] = await Promise.all([
    execa('script', ['-qec', `stty cols 100; ${command.map((word) => `'${word}'`).join(' ')}`, '/dev/null'], {
      cwd: root,
      env,
    }),
    execa(process.execPath, command.slice(1), { cwd: root, env }),
  ]);
  folder.remove();
  expect(terminal.stdout).toContain('cleanup: deleting in us-east-1 [########------------] 8 of 20');
  expect([log.stdout, log.stderr]).toEqual(['', '']);
});
