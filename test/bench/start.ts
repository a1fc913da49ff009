import { join } from 'node:path';
import { execa } from 'execa';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { figures, timed } from './figures.ts';

/** `npm start` from nothing but the OS packages, and again. Goals: 3 min and 60 s. */
export async function benchStart(warmRuns = 3): Promise<string[]> {
  const folder = temporaryFolder();
  const env = {
    BAKEHOUSE_STATE: join(folder.path, 'state'),
    BAKEHOUSE_CACHE: join(folder.path, 'cache'),
    CI: 'true',
  };
  const start = () => execa('npm', ['start'], { cwd: root, env, stdin: 'ignore' });
  const cold = await timed(start);
  const warm: number[] = [];
  for (let run = 0; run < warmRuns; run += 1) warm.push(await timed(start));
  folder.remove();
  return [
    `npm start, cold:                      ${figures([cold])} (OS packages there; goal 180 s)`,
    `npm start, warm:                      ${figures(warm)} (goal 60 s)`,
  ];
}
